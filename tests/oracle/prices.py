"""RATING.md section 2: which price holds on which days, and what a quantity costs by it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import groupby

from tests.oracle.world import Row, World, days_of, half, holds, seconds


@dataclass(frozen=True, slots=True)
class Share:
    """A run of days with one price, or with one row of a contract item.

    Attributes:
        rows: its tiers, the lowest first.
        part, whole: the share of the month.
    """

    rows: tuple[Row, ...]
    first_day: date
    part: int
    whole: int

    @property
    def weight(self) -> Fraction:
        return Fraction(self.part, self.whole)

    def __getitem__(self, column: str) -> object:
        return self.rows[0].get(column)

    def limit(self, column: str) -> Fraction | None:
        """The minimum or maximum it states, weighted."""
        stated = self.rows[0].get(column)
        return None if stated is None else Fraction(stated) * self.weight


def price_shares(
    world: World, card: str, billed: str, sku: str, dimension: str, month: date, zone: str
) -> tuple[list[Share], bool]:
    """The prices of a month, and whether there is one on each of its days."""
    rows = [
        row
        for row in world.rows("rate", rate_card=card, sku=sku)
        if (row.get("customer_id") or "") in {"", billed} and (row.get("dimension") or "") in {"", dimension}
    ]
    return divided([(day, _price_on(rows, day)) for day in days_of(month)], zone)


def _price_on(rows: list[Row], day: date) -> tuple[Row, ...]:
    def rank(row: Row) -> tuple[bool, bool]:
        return bool(row.get("customer_id")), bool(row.get("dimension"))

    held = [row for row in rows if holds(row, day)]
    best = max(map(rank, held), default=None)
    return tuple(
        sorted(
            (row for row in held if rank(row) == best), key=lambda row: Fraction(row.get("tier_from") or 0)
        )
    )


def divided(days: list[tuple[date, tuple[Row, ...]]], zone: str) -> tuple[list[Share], bool]:
    """The shares of a month by what holds on each of its days, and whether something does on each."""

    def same(day: tuple[date, tuple[Row, ...]]) -> list[int]:
        return [id(row) for row in day[1]]

    runs = [list(run) for _, run in groupby(days, same)]
    held = [run for run in runs if run[0][1]]
    if not held:
        return [], False
    rule = held[-1][0][1][0].get("proration") or "actual"
    if rule == "none":
        return [Share(held[-1][0][1], days[0][0], 1, 1)], True
    parts = [_part(rule, [day for day, _ in run], zone) for run in runs]
    whole = 30 if rule == "thirty" else sum(parts)
    parts[-1] = whole - sum(parts[:-1])
    shares = [
        Share(run[0][1], run[0][0], part, whole) for run, part in zip(runs, parts, strict=True) if run[0][1]
    ]
    return shares, len(held) == len(runs)


def _part(rule: str, days: list[date], zone: str) -> int:
    return sum(seconds(day, zone) for day in days) if rule == "exact" else len(days)


@dataclass(frozen=True, slots=True)
class Part:
    """What one tier, package or month costs before it is weighted.

    Attributes:
        order: (tier, 0 for a price or 1 for a flat price).
        usage: the quantity that it stands for.
    """

    kind: str
    order: tuple[int, int]
    usage: Fraction
    amount: Fraction


def parts_of(share: Share, quantity: Fraction, pools: int) -> Iterable[Part]:
    """What the quantity costs by a price that is neither percentage nor cost_plus.

    Parameters:
        pools: how often `included` counts.
    """
    model, price = share["model"], Fraction(share["unit_price"] or 0)
    if model == "flat":
        yield Part("usage", (1, 0), quantity, price)
    elif quantity < 0:
        for part in _parts(share, -quantity):
            yield Part(part.kind, part.order, -part.usage, -part.amount)
    elif quantity > 0:
        included = min(Fraction(share["included"] or 0) * pools, quantity)
        if included:
            yield Part("included", (0, 0), included, Fraction(0))
        yield from _parts(share, quantity - included)


def _parts(share: Share, q: Fraction) -> Iterable[Part]:
    if not q:
        return
    for number, tier in enumerate(share.rows, start=1):
        price, flat = Fraction(tier.get("unit_price") or 0), Fraction(tier.get("flat_price") or 0)
        above = Fraction(tier.get("tier_from") or 0)
        upto = q if tier.get("tier_to") is None else Fraction(tier["tier_to"])
        match share["model"]:
            case "per_unit":
                yield Part("usage", (1, 0), q, q * price)
            case "package":
                yield Part("usage", (1, 0), q, math.ceil(q / Fraction(tier["package_size"])) * price)
            case "graduated" if q > above:
                yield Part("usage", (number, 0), min(q, upto) - above, (min(q, upto) - above) * price)
                yield Part("usage", (number, 1), Fraction(0), flat)
            case "volume" if above < q <= upto:
                yield Part("usage", (number, 0), q, q * price)
                yield Part("usage", (number, 1), Fraction(0), flat)


def percent_of(amount: Fraction, percent: object) -> Fraction:
    """A percentage, rounded when it is taken."""
    return half(amount * Fraction(percent) / 100)
