"""What a correct pipeline must arrive at from Redstor; figures as told by API V2."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from connectors.sandbox.redstor_estate import RedstorDay
from connectors.sandbox.truth import HistoryEvent, Reading, Subscription, VendorAccount, VendorTotal

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


def redstor_totals(day: RedstorDay) -> Iterator[VendorTotal]:
    """The summary of the root: its own consumption, and that of all companies below it."""
    root = day.root.company_id
    for scope, companies in (("account", [root]), ("below", day.below(root))):
        for (meter, unit), quantity in zip(_REDSTOR_METERS, day.summed(companies), strict=True):
            yield VendorTotal(
                "redstor", scope, root, None, "subscription", meter, quantity, unit, "consumption_summary"
            )


def redstor_accounts(day: RedstorDay) -> Iterator[VendorAccount]:
    """Companies, disabled ones included."""
    for row in day.companies:
        status = "active" if row.is_enabled else "inactive"
        yield VendorAccount(
            "redstor", row.company_id, row.parent_id, row.name, row.company_type, status, row.is_enabled
        )


def redstor_subscriptions(day: RedstorDay) -> Iterator[Subscription]:
    """Subscriptions, inactive ones included; neither quantity nor dates are told."""
    for row in day.subscriptions:
        yield Subscription(
            "redstor",
            row.company_id,
            row.subscription_id,
            f"product-{row.product_id}",
            f"edition-{row.edition_id}",
            "active" if row.is_active else "inactive",
            row.trial_status == "Trial",
            None,
            None,
            None,
            None,
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
