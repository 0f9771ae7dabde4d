"""What Xopero tells of a plant's customer."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from connectors.sandbox.plants.subject import Subject
from connectors.sandbox.xopero.estate import (
    OWNER_ID,
    STANDARD,
    Account,
    Customer,
    Parameters,
    Subscription,
    XoperoDay,
)

_SINCE = datetime(2026, 1, 1, 8, tzinfo=UTC)


def xopero_account(
    shown: XoperoDay,
    _: date,
    subject: Subject,
    *,
    used_bytes: int = 0,
    kind: str = "FULL",
    capacity: int | None = None,
) -> XoperoDay:
    """A customer with one backup account at Xopero, with a licence without a limit of hosts.

    Parameters:
        kind: of its licence, FREE, TRIAL or FULL.
        capacity: of its account in bytes; None for all that the licence allows.
    """
    licence = Subscription(
        subject.xopero,
        f"1-2026-{subject.number:015}",
        STANDARD,
        "CURRENT",
        kind,
        "1Y",
        _SINCE,
        _SINCE.replace(year=2030),
    )
    allowed = Parameters(STANDARD, "ACTIVE", kind == "TRIAL", licence.valid_from, licence.valid_to)
    customer = Customer(
        subject.xopero,
        OWNER_ID,
        subject.name,
        f"office@{subject.kind}.example",
        "ACTIVATED",
        None,
        None,
        licence,
        (),
        allowed,
        None,
        STANDARD.capacity,
        (Account(subject.xopero, subject.name, capacity or STANDARD.capacity, used_bytes),),
        False,
    )
    return replace(shown, customers=(*shown.customers, customer))
