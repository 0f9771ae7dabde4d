"""A plant: one known discrepancy as data, and the findings that it must lead to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from connectors.sandbox.infrascale_estate import InfrascaleDay
from connectors.sandbox.infrascale_events import Event
from connectors.sandbox.redstor_estate import RedstorDay
from connectors.sandbox.resellerclub.estate import ResellerClubDay
from connectors.sandbox.revirt365.estate import ReVirt365Day
from connectors.sandbox.xopero.estate import XoperoDay

Row = dict[str, str]
Tables = dict[str, list[Row]]
"""The rows of each reference table by its name, cells as they stand in CSV."""
Events = tuple[Event, ...]


class Finding(NamedTuple):
    """A finding as it must come.

    Attributes:
        code: of the check, as R-09.
        direction: leak, over_bill, cost or control.
        month: that it is about.
        amount: money at risk in EUR, to the cent; None where none is known.
    """

    code: str
    direction: str
    month: date
    amount: Decimal | None = None


class InvoiceLine(NamedTuple):
    """What a vendor charges for one account and SKU in a month.

    `product` is what the vendor calls the SKU; `unit_price` is None where the price depends on how much is
    used by all. The period is half-open.
    """

    number: str
    issued_on: date
    account_id: str
    product: str
    sku: str
    service_start: date
    service_end: date
    quantity: Decimal
    unit: str
    unit_price: Decimal | None
    currency: str
    amount: Decimal


Lines = tuple[InvoiceLine, ...]


@dataclass(frozen=True, kw_only=True)
class Plant:
    """One known discrepancy.

    Attributes:
        kind: its name, in kebab-case.
        vendor: who tells what is wrong; empty for our own books.
        code: the check that must find it.
        meaning: what is wrong, in a sentence.
        findings: all that the check must find.
        also: codes of further findings that follow from it; how many is left open.
        alone: why it cannot stand together with the others; empty when it can.
        infrascale, redstor, xopero, resellerclub, revirt365: what the vendor tells instead of a day.
        infrascale_events: likewise of the backup history of a client date.
        reference: changes the user's tables in place.
        landed: statements on pulls and staged rows, before anything is billed.
        invoice: what the vendor's invoice for a month says instead.
        books: statements on the register's tables, after the two earlier months were issued.
        late: whether the vendor tells it only after the two earlier months were issued.
    """

    kind: str
    vendor: str
    code: str
    meaning: str
    findings: tuple[Finding, ...]
    also: frozenset[str] = frozenset()
    alone: str = ""
    infrascale: Callable[[InfrascaleDay, date], InfrascaleDay] | None = None
    redstor: Callable[[RedstorDay, date], RedstorDay] | None = None
    xopero: Callable[[XoperoDay, date], XoperoDay] | None = None
    resellerclub: Callable[[ResellerClubDay, date], ResellerClubDay] | None = None
    revirt365: Callable[[ReVirt365Day, date], ReVirt365Day] | None = None
    infrascale_events: Callable[[Events, date], Events] | None = None
    reference: Callable[[Tables], None] | None = None
    landed: tuple[str, ...] = ()
    invoice: Callable[[Lines, date], Lines] | None = None
    books: tuple[str, ...] = ()
    late: bool = False

    @property
    def touches(self) -> frozenset[str]:
        """The vendors that tell something else because of it."""
        told: Mapping[str, object] = {
            "infrascale": self.infrascale or self.infrascale_events,
            "redstor": self.redstor,
            "xopero": self.xopero,
            "resellerclub": self.resellerclub,
            "revirt365": self.revirt365,
        }
        return frozenset(vendor for vendor, change in told.items() if change)

    @property
    def is_served(self) -> bool:
        """Whether vendors and the user's tables alone make it: what the sandbox can serve."""
        return not (self.landed or self.books or self.late)


def money(euros: Decimal | str) -> Decimal:
    """An amount to the cent, half away from zero."""
    return Decimal(euros).quantize(Decimal("0.01"), ROUND_HALF_UP)


def before(month: date, count: int = 1) -> date:
    """First day of the month `count` months before the one that starts on `month`."""
    months = month.year * 12 + month.month - 1 - count
    return date(months // 12, months % 12 + 1, 1)
