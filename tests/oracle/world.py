"""What the oracle judges: reference rows, readings and complete pulls, and the words of time they share."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

Row = dict[str, Any]
Source = tuple[str, str, str]  # vendor, connection, stream


@dataclass(frozen=True, slots=True)
class Reading:
    """One figure that a vendor told."""

    day: date
    source: Source
    account: str
    resource: str
    product: str
    meter: str
    unit: str
    quantity: Decimal
    trial: bool | None


@dataclass(frozen=True, slots=True, eq=False)
class World:
    """One family of customers with everything that decides their invoices, apart from all others.

    Attributes:
        months: those that are billed, in order.
        latest: the last day that has ended.
        tables: reference rows; a cell that is not there is empty.
        pulled: days with a complete pull, by stream.
    """

    name: str
    months: tuple[date, ...]
    latest: date
    tables: dict[str, list[Row]]
    readings: tuple[Reading, ...]
    pulled: dict[Source, frozenset[date]]

    def rows(self, table: str, **cells: object) -> list[Row]:
        """Rows of a table with these values."""
        return [
            row
            for row in self.tables.get(table, ())
            if all(row.get(name) == value for name, value in cells.items())
        ]


@cache
def days_of(month: date) -> tuple[date, ...]:
    """Every day of the month."""
    return tuple(day for n in range(31) if (day := month + timedelta(days=n)).month == month.month)


def month_after(month: date, count: int = 1) -> date:
    """First day of the month that many later."""
    year, index = divmod(month.year * 12 + month.month - 1 + count, 12)
    return date(year, index + 1, 1)


@cache
def seconds(day: date, zone: str) -> int:
    """How long the day is."""
    begin, end = (
        datetime(d.year, d.month, d.day, tzinfo=ZoneInfo(zone)) for d in (day, day + timedelta(days=1))
    )
    return int(end.timestamp() - begin.timestamp())


def holds(row: Row, day: date) -> bool:
    """Whether a dated row holds on a day."""
    return bool(row["valid_from"] <= day and (row.get("valid_to") is None or day < row["valid_to"]))


def latest_in(rows: Iterable[Row], month: date) -> Row | None:
    """Of the rows that hold on any day of the month the one that begins last."""
    end = month_after(month)
    held = [
        row
        for row in rows
        if row["valid_from"] < end and (row.get("valid_to") is None or row["valid_to"] > month)
    ]
    return max(held, key=lambda row: row["valid_from"], default=None)


FINE = Fraction(1, 10**15)


def half(value: Fraction, unit: Fraction = FINE) -> Fraction:
    """The nearest multiple of the unit, halves away from zero."""
    whole = (2 * abs(value) + unit) // (2 * unit)
    return unit * whole if value >= 0 else -unit * whole


def cut(value: Fraction, unit: Fraction = FINE) -> Fraction:
    """The multiple of the unit that is left when the rest is cut off, toward zero."""
    whole = abs(value) // unit
    return unit * whole if value >= 0 else -unit * whole


def shared(total: Fraction, weights: list[Fraction]) -> list[Fraction]:
    """The total by weights, each part cut off at the 15th decimal, the first getting what is left."""
    whole = sum(weights, Fraction(0))
    parts = [cut(total * weight / whole) if whole else Fraction(0) for weight in weights]
    return [total - sum(parts[1:], Fraction(0)), *parts[1:]]
