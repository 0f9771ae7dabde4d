"""What a correct pipeline must arrive at from ReVirt365 with the sandbox's contract file.

Readings: what every subscription tells of seats and bytes; `product` as told, else backup365.
Accounts: customers under the reseller of the credentials. Events: the sessions that began on the day;
status as told.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from connectors.sandbox.revirt365.estate import ReVirt365Day
from connectors.sandbox.truth import HistoryEvent, Reading, VendorAccount

_VENDOR = "revirt365"


def revirt365_readings(day: ReVirt365Day) -> Iterator[Reading]:
    """Seats and bytes of every subscription, where they are told."""
    for row in day.seats:
        product = row.product or "backup365"
        for meter, quantity, unit in (
            ("active_seats", row.active, "seats"),
            ("inactive_seats", row.inactive, "seats"),
            ("protected_bytes", row.protected_bytes, "bytes"),
        ):
            if quantity is not None:
                yield Reading(
                    _VENDOR,
                    row.customer_id,
                    row.subscription_id,
                    row.name,
                    "customer",
                    product,
                    meter,
                    quantity,
                    unit,
                    row.is_trial,
                )


def revirt365_accounts(day: ReVirt365Day) -> Iterator[VendorAccount]:
    """Customers, inactive ones included."""
    for row in day.tenants:
        status = "active" if row.is_active else "inactive"
        yield VendorAccount(
            _VENDOR, row.customer_id, day.reseller_id, row.name, "customer", status, row.is_active
        )


def revirt365_sessions(day: ReVirt365Day, date_: date) -> Iterator[HistoryEvent]:
    """Runs of backup jobs."""
    for row in day.sessions:
        yield HistoryEvent(
            _VENDOR,
            row.job.customer_id,
            row.job.job_id,
            "backup",
            row.status,
            row.started_at,
            "utc",
            row.uploaded_bytes,
            row.duration_seconds,
            date_,
        )
