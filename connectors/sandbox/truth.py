"""What a correct pipeline must arrive at, computed from the world's objects and never from an answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import NamedTuple

from connectors.sandbox.infrascale_estate import InfrascaleDay
from connectors.sandbox.infrascale_events import Event
from connectors.sandbox.redstor_estate import RedstorDay


class Reading(NamedTuple):
    """One metered figure. `quantity` is in `unit`; zero is a reading like any other."""

    vendor: str
    account_id: str
    resource_id: str
    resource_name: str
    resource_type: str
    product: str
    meter: str
    quantity: int
    unit: str
    is_trial: bool


class VendorAccount(NamedTuple):
    """One billable party at a vendor."""

    vendor: str
    account_id: str
    parent_account_id: str
    name: str
    account_type: str
    status: str
    is_active: bool


class HistoryEvent(NamedTuple):
    """One event of the backup history; `occurred_at` has no zone when `occurred_at_zone` is client."""

    vendor: str
    account_id: str
    resource_id: str
    event_type: str
    status: str
    occurred_at: datetime
    occurred_at_zone: str
    uploaded_bytes: int | None
    duration_seconds: int | None
    usage_date: date


_REDSTOR_METERS = (
    ("protected_bytes", "bytes"),
    ("external_bytes", "bytes"),
    ("overage_bytes", "bytes"),
    ("active_seats", "seats"),
    ("inactive_seats", "seats"),
    ("shared_seats", "seats"),
    ("active_workloads", "workloads"),
    ("licensed_users", "users"),
)


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


def redstor_readings(day: RedstorDay) -> Iterator[Reading]:
    """Readings of every subscription, the root's own included."""
    for row in day.consumption:
        product = row.product.sku or f"product-{row.product.product_id}"
        for (meter, unit), quantity in zip(_REDSTOR_METERS, row.usage, strict=True):
            yield Reading(
                "redstor",
                row.company_id,
                row.subscription_id,
                row.product.name,
                "subscription",
                product,
                meter,
                quantity,
                unit,
                row.is_trial,
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


def redstor_accounts(day: RedstorDay) -> Iterator[VendorAccount]:
    """Companies, disabled ones included."""
    for row in day.companies:
        status = "active" if row.is_enabled else "inactive"
        yield VendorAccount(
            "redstor", row.company_id, row.parent_id, row.name, row.company_type, status, row.is_enabled
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


def redstor_statuses(day: RedstorDay, date_: date, zone: tzinfo) -> Iterator[HistoryEvent]:
    """Redstor's backup statuses, one per company and product, at the end of the day."""
    ends_at = datetime.combine(date_ + timedelta(days=1), time(), zone).astimezone(UTC)
    for row in day.backup_statuses:
        if row.failed:
            status = "failed"
        elif row.errors or row.warnings:
            status = "warning"
        else:
            status = "success" if row.success else "none"
        yield HistoryEvent(
            "redstor",
            row.company_id,
            f"product-{row.product.product_id}",
            "backup_status",
            status,
            ends_at,
            "utc",
            None,
            None,
            date_,
        )
