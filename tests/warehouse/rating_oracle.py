"""What usage should be charged and cost, in fractions, day by day, from RATING.md alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction
from itertools import groupby
from math import ceil, floor, trunc
from typing import Any
from zoneinfo import ZoneInfo

Row = dict[str, Any]
LAST = 10**15


def rounded(exact: Fraction) -> Fraction:
    """To 15 decimals, half away from zero."""
    size = Fraction(floor(abs(exact) * LAST + Fraction(1, 2)), LAST)
    return size if exact >= 0 else -size


def cut(exact: Fraction) -> Fraction:
    """The 16th decimal and what follows left away."""
    return Fraction(trunc(exact * LAST), LAST)


def after(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)


def days(first: date, end: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((end - first).days)]


def holds(row: Row, day: date) -> bool:
    return bool(row["valid_from"] <= day and (row.get("valid_to") is None or day < row["valid_to"]))


def touches(row: Row, month: date) -> bool:
    return any(holds(row, day) for day in days(month, after(month)))


def latest(rows: Iterable[Row], month: date) -> Row | None:
    """Of the rows that hold in the month, the one that began last."""
    return max((row for row in rows if touches(row, month)), key=lambda row: row["valid_from"], default=None)


def seconds(first: date, end: date, zone: str) -> int:
    def instant(day: date) -> float:
        return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).timestamp()

    return int(instant(end) - instant(first))


@dataclass(frozen=True)
class Run:
    """Days on which the same price, or none, holds."""

    first: date
    end: date
    price: tuple[Row, ...] | None
    weight: Fraction = Fraction(1)


def runs(month: date, of_day: Sequence[tuple[Row, ...] | None], zone: str) -> tuple[list[Run], bool]:
    """The prices of a month with their shares of it, and whether a day has none."""
    end = after(month)
    found = []
    for _, group in groupby(zip(days(month, end), of_day, strict=True), key=lambda pair: id(pair[1])):
        same = list(group)
        found.append(Run(same[0][0], same[-1][0] + timedelta(days=1), same[0][1]))
    priced = [run for run in found if run.price is not None]
    if not priced:
        return [], True
    proration = (priced[-1].price or ())[0]["proration"]
    if proration == "none":
        return [Run(month, end, priced[-1].price)], False

    def share(run: Run) -> Fraction:
        length = (run.end - run.first).days
        if proration == "thirty":
            return Fraction(30 - (run.first - month).days if run.end == end else length, 30)
        if proration == "exact":
            return Fraction(seconds(run.first, run.end, zone), seconds(month, end, zone))
        return Fraction(length, (end - month).days)

    weighted = [Run(run.first, run.end, run.price, share(run)) for run in priced]
    return [run for run in weighted if run.weight], len(priced) < len(found)


@dataclass
class Line:
    """One line of one quantity, in the currency of the price."""

    kind: str
    first: date
    end: date
    tier: int
    once: bool
    quantity: Fraction
    price: Fraction | None
    used: Fraction | None
    whole: Fraction
    weight: Fraction

    @property
    def amount(self) -> Fraction:
        return rounded(self.whole * self.weight)


def tier_lines(run: Run, quantity: Fraction, customers: int) -> list[Line]:
    """The models that need nothing but a quantity."""
    rows = sorted(run.price or (), key=lambda row: row["tier_from"])
    price, model = rows[0], rows[0]["model"]
    sign = -1 if quantity < 0 else 1
    size = abs(quantity)
    lines: list[Line] = []

    def line(
        kind: str, tier: int, count: Fraction, each: Fraction, used: Fraction, *, once: bool = False
    ) -> None:
        signed = count if model == "flat" else sign * count
        lines.append(
            Line(kind, run.first, run.end, tier, once, signed, each, used, signed * each, run.weight)
        )

    if model in ("percentage", "cost_plus"):
        return []
    free = Fraction(0) if sign < 0 else min(size, Fraction(price["included"]) * customers)
    q = size - free
    if model == "flat":
        line("usage", 1, Fraction(1), Fraction(price["unit_price"]), size)
        return lines
    if free:
        line("included", 0, free, Fraction(0), free)
    for n, row in enumerate(rows, start=1):
        low, high = Fraction(row["tier_from"]), None if row["tier_to"] is None else Fraction(row["tier_to"])
        each, once = Fraction(row["unit_price"]), Fraction(row["flat_price"])
        if model == "graduated":
            part = max(Fraction(0), (q if high is None else min(q, high)) - low)
        elif model == "volume":
            part = q if low < q and (high is None or q <= high) else Fraction(0)
        else:
            part = q
        if not part:
            continue
        if model == "package":
            line("usage", n, Fraction(ceil(q / Fraction(row["package_size"]))), each, q)
        else:
            line("usage", n, part, each, part)
        if once and model in ("graduated", "volume"):
            line("usage", n, Fraction(1), once, Fraction(0), once=True)
    return lines


@dataclass
class Priced:
    """One quantity with its prices, on either side."""

    month: date
    sku: str
    dimension: str
    quantity: Fraction
    runs: list[Run]
    gaps: bool
    ever: bool  # whether any day has a price
    customers: int = 1
    who: tuple[str, ...] = ()
    records: list[Row] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    cost: Fraction | None = None
    costless: bool = False  # cost_plus without cost

    def add(self, kind: str, run: Run, whole: Fraction) -> None:
        self.lines.append(
            Line(kind, run.first, run.end, 1, False, Fraction(1), None, abs(self.quantity), whole, run.weight)
        )

    def limit(self) -> None:
        """Minimum and maximum, over the prices that state one."""
        for kind in ("minimum", "maximum"):
            charged_on = {line.first for line in self.lines}
            stating = [
                run
                for run in self.runs
                if run.price and run.price[0][kind] is not None and (self.records or run.first in charged_on)
            ]
            if not stating or self.costless:
                continue
            firsts = {run.first for run in stating}
            stated = sum(Fraction((run.price or ())[0][kind]) * run.weight for run in stating)
            charged = sum(
                (
                    line.whole * line.weight
                    for line in self.lines
                    if line.first in firsts and line.used is not None
                ),
                Fraction(0),
            )
            missing = stated - charged
            if charged >= 0 and (missing > 0 if kind == "minimum" else missing < 0):
                end = after(self.month)
                self.lines.append(
                    Line(
                        kind,
                        self.month,
                        end,
                        0,
                        False,
                        Fraction(1),
                        None,
                        None,
                        rounded(missing),
                        Fraction(1),
                    )
                )

    @property
    def of_others(self) -> bool:
        return any((run.price or ())[0]["model"] == "percentage" for run in self.runs)

    @property
    def total(self) -> Fraction:
        return sum((line.amount for line in self.lines), Fraction(0))
