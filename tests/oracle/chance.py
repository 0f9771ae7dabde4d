"""Numbers and times by chance, as reference rows and readings have them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise
from random import Random
from typing import TypeVar

from tests.oracle.world import Row, days_of

LONG_AGO = date(2020, 1, 1)
CURRENCIES = ("EUR", "USD", "JPY", "KWD", "CLF")
T = TypeVar("T")


def spans(
    rng: Random, months: Sequence[date], most: int = 2, *, whole: bool = False, gaps: float = 0
) -> list[Row]:
    """Validity from long ago without end, in up to `most` further rows.

    Parameters:
        whole: rows change with months only.
        gaps: how likely one of several rows is left out.
    """
    days = [day for month in months for day in days_of(month)]
    cuts = set(rng.sample([day for day in days if day.day == 1] if whole else days, k=1)) if most else set()
    if not whole and rng.random() < 0.2:  # the first or the last day of a month
        cuts = {days_of(rng.choice(months))[rng.choice((0, -1))]}
    if most > 1 and not whole:
        cuts.add(rng.choice(days))
    chosen = sorted(rng.sample(sorted(cuts), k=min(len(cuts), rng.choice((0, 0, 0, 1, most)))))
    edges = [LONG_AGO, *chosen, None]
    found = [{"valid_from": begin, "valid_to": end} for begin, end in pairwise(edges)]
    if len(found) > 1 and rng.random() < gaps:
        found.pop(rng.randrange(len(found)))
    return found


def amount(rng: Random, upto: int, places: int) -> Decimal:
    """A number of few or of many decimals."""
    digits = rng.choice((0, min(2, places), places))
    return Decimal(rng.randint(0, upto * 10**digits)).scaleb(-digits)


def some(rng: Random, values: Sequence[T], most: int) -> list[T]:
    """A few of the values, at least one."""
    return rng.sample(list(values), k=min(len(values), rng.randint(1, most)))


def price(rng: Random) -> Decimal:
    """Mostly small; of nine decimals, of two, none, below zero."""
    return rng.choice(
        (
            Decimal(rng.randint(0, 5 * 10**9)).scaleb(-9),
            Decimal(rng.randint(1, 2000)).scaleb(-2),
            Decimal("0.005"),
            Decimal(1),
            Decimal(0),
            Decimal(-rng.randint(1, 300)).scaleb(-2),
        )
    )


def money(rng: Random) -> Decimal:
    """A sum as minimum, maximum or commitment."""
    return rng.choice((Decimal(rng.randint(0, 50)), Decimal(rng.randint(0, 10**7)).scaleb(-4), Decimal(5000)))


def percent(rng: Random) -> Decimal:
    """With up to four decimals, not below zero."""
    return rng.choice((Decimal(10), Decimal(0), Decimal(100), Decimal(rng.randint(1, 300000)).scaleb(-4)))


def reported(rng: Random, days: list[date]) -> list[date]:
    """All days, nearly all, or a few."""
    share = rng.choice((1, 1, 1, 0.95, 0.7, 0.1))
    return [day for day in days if rng.random() < share]


def quantity(rng: Random, unit: str, *, huge: bool) -> Decimal:
    """What a day of one resource is: often none, a small or a large figure, whole where units are."""
    if unit == "seats":
        return Decimal(rng.choice((0, 1, 2, 5, rng.randint(0, 10**6 if huge else 300))))
    size = {"bytes": 10**9, "MB": 1000, "GiB": 1}[unit]
    figure = rng.choice((Decimal(0), Decimal(1), Decimal(10), amount(rng, 5, 9), amount(rng, 3000, 6)))
    if huge:
        figure = Decimal(rng.randint(0, 10**6))
    return (figure * size).quantize(Decimal(1) if unit == "bytes" else Decimal("0.000000001"))
