"""What a correct pipeline must arrive at from Infrascale."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date

from connectors.sandbox.infrascale_estate import InfrascaleDay
from connectors.sandbox.infrascale_events import Event
from connectors.sandbox.truth import HistoryEvent, Reading, VendorAccount, VendorTotal


def infrascale_readings(day: InfrascaleDay) -> Iterator[Reading]:
    """Readings of accounts, licences, cloud services and appliances."""
    owners = {account.username: str(account.entity_id) for account in day.accounts}
    for row in day.accounts:
        name = row.username if row.full_name in {None, "Not set"} else str(row.full_name)
        for meter, quantity, unit in (
            ("used_bytes", row.used_kb * 1024, "bytes"),
            ("quota_bytes", row.size_mb * 1024**2, "bytes"),
            ("windows_devices", row.windows, "devices"),
            ("mac_devices", row.mac, "devices"),
            ("android_devices", row.android, "devices"),
        ):
            yield _infrascale(
                str(row.entity_id), row.username, name, "backup_account", "backup", meter, quantity, unit
            )
    for (username, product), held in Counter(
        (row.username, row.license_type) for row in day.licenses
    ).items():
        owner = owners.get(username, str(day.root.entity_id))
        yield _infrascale(owner, username, username, "license", product, "licenses", held, "licenses")
    for line in day.cloud_lines:
        label, code = line.source, line.service
        if "(" in code and "(" not in label:
            label, code = code, label
        for meter, amount, unit in (
            ("cloud_accounts", line.accounts, "seats"),
            ("cloud_bytes", line.storage_bytes, "bytes"),
        ):
            if amount is not None:
                yield _infrascale(
                    str(line.company_id),
                    line.account_name,
                    label,
                    "cloud_service",
                    code.upper(),
                    meter,
                    amount,
                    unit,
                )
    for pack in day.appliances:
        box = pack.primary
        yield _infrascale(
            str(pack.entity_id),
            box.uuid,
            box.name,
            "appliance",
            "appliance",
            "used_bytes",
            box.space_used,
            "bytes",
        )


def _infrascale(  # noqa: PLR0917 - the columns in order
    account_id: str,
    resource_id: str,
    resource_name: str,
    resource_type: str,
    product: str,
    meter: str,
    quantity: int,
    unit: str,
) -> Reading:
    return Reading(
        "infrascale",
        account_id,
        resource_id,
        resource_name,
        resource_type,
        product,
        meter,
        quantity,
        unit,
        is_trial=False,
    )


def infrascale_accounts(day: InfrascaleDay) -> Iterator[VendorAccount]:
    """Entities, inactive ones included."""
    for row in day.entities:
        status = "active" if row.is_active else "inactive"
        yield VendorAccount(
            "infrascale",
            str(row.entity_id),
            str(row.parent_id),
            row.name,
            row.entity_type,
            status,
            row.is_active,
        )


def infrascale_totals(day: InfrascaleDay) -> Iterator[VendorTotal]:
    """Space of each active company, and of each account as the second operation tells it."""
    for row in day.company_summaries:
        for meter, quantity in (
            ("used_bytes", row.used_kb * 1024),
            ("quota_bytes", row.allocated_mb * 1024**2),
        ):
            yield _total("account", str(row.company_id), None, meter, quantity, "companies")
    for account in day.accounts:
        yield _total("resource", None, account.username, "used_bytes", account.used_kb * 1024, "used_space")


def _total(  # noqa: PLR0917 - the columns in order
    scope: str, account_id: str | None, resource_id: str | None, meter: str, quantity: int, stream: str
) -> VendorTotal:
    return VendorTotal(
        "infrascale", scope, account_id, resource_id, "backup_account", meter, quantity, "bytes", stream
    )


def infrascale_history(events: Iterable[Event], day: date) -> Iterator[HistoryEvent]:
    """Infrascale's events of one client date."""
    for event in events:
        yield HistoryEvent(
            "infrascale",
            str(event.entity_id),
            event.account_name,
            event.event_type,
            event.indicator,
            event.client_date,
            "client",
            event.uploaded_size,
            event.duration_seconds,
            day,
        )
