"""Usage records as the rules of metering tell them, day by day in fractions; shares no line with the SQL."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import NamedTuple
from zoneinfo import ZoneInfo

from metered_world import Mapped, Reading, Sold, Source, World

SIZES = {
    "bytes": 1,
    "MB": 10**6,
    "GB": 10**9,
    "GiB": 2**30,
    "TB": 10**12,
    "TiB": 2**40,
    "PiB": 2**50,
    "seats": 1,
}


class Key(NamedTuple):
    """What makes a usage record of its own; `unmapped` names the account that nobody has."""

    month: date
    customer: str | None
    meter: str
    sku: str
    dimension: str
    reason: str | None
    unmapped: str | None


class Expected(NamedTuple):
    """A usage record; quantity None is unknown."""

    quantity: Fraction | None
    days_expected: int
    days_reported: int
    days_filled: int
    readings: int


@dataclass
class Gathered:
    """The readings of a usage record."""

    sold: Sold
    readings: list[Reading] = field(default_factory=list)

    @property
    def sources(self) -> set[Source]:
        return {reading.source for reading in self.readings}


def days_between(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def month_end(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def expected(world: World) -> dict[Key, Expected]:
    """Every usage record of the world, those of unmapped accounts included."""
    gathered = gather(world)
    return {key: record(world, key, gathered) for key in gathered}


def gather(world: World) -> dict[Key, Gathered]:
    found: dict[Key, Gathered] = {}
    for reading in world.readings:
        month = reading.day.replace(day=1)
        mapped = whose(world.mapped, reading)
        reason = (
            f"excluded: {mapped.reason}"
            if mapped and mapped.reason
            else "trial"
            if reading.is_trial
            else None
        )
        for sold in sold_as(world.sold, reading, month):
            customer = mapped.customer if mapped else None
            unmapped = None if mapped else reading.account
            key = Key(month, customer, sold.meter, sold.sku, sold.dimension, reason, unmapped)
            found.setdefault(key, Gathered(sold)).readings.append(reading)
    seen = {
        (r.account, r.day.replace(day=1))
        for r in world.readings
        if r.quantity > 0 and not whose(world.mapped, r)
    }
    return {key: g for key, g in found.items() if key.unmapped is None or (key.unmapped, key.month) in seen}


def whose(mapped: Iterable[Mapped], reading: Reading) -> Mapped | None:
    for row in mapped:
        if row.account == reading.account and row.valid_from <= reading.day < (row.valid_to or date.max):
            return row
    return None


def sold_as(sold: Iterable[Sold], reading: Reading, month: date) -> list[Sold]:
    rows = [
        row
        for row in sold
        if row.meter == reading.meter and row.valid_from <= month < (row.valid_to or date.max)
    ]
    own = [row for row in rows if row.product == reading.product]
    return own or [row for row in rows if row.product == "*"]


def record(world: World, key: Key, gathered: dict[Key, Gathered]) -> Expected:
    own = gathered[key]
    sold, last = own.sold, min(month_end(key.month), world.landed[-1])
    days = days_between(key.month, last)
    reported = reported_days(world, own, days)
    coverage = Expected(None, len(days), len(reported), 0, len(own.readings))
    unknown = (
        not reported
        or (sold.gap_policy == "fail" and len(reported) < len(days))
        or Fraction(100 * len(reported), len(days)) < Fraction(sold.min_coverage)
    )
    if unknown:
        return coverage
    is_counted = sold.aggregation in ("count", "unique_count")
    if sold.aggregation == "count":
        figure = Fraction(sum(reading.quantity > 0 for reading in own.readings))
    elif sold.aggregation == "unique_count":
        figure = Fraction(len({(r.account, r.resource) for r in own.readings if r.quantity > 0}))
    elif sold.aggregation == "high_water":
        figure = high_water(world, key, gathered)
    else:
        zone = world.zones.get(key.customer or "", "UTC")
        figure = aggregate(sold, filled(own, days, reported), zone)
    if not is_counted:
        figure = figure * SIZES[sold.unit] / SIZES[sold.sku_unit]
    quantity = to_step(figure * Fraction(sold.ratio), Fraction(sold.step), sold.rounding)
    return coverage._replace(quantity=quantity, days_filled=0 if is_counted else len(days) - len(reported))


def reported_days(world: World, own: Gathered, days: list[date]) -> list[date]:
    return [day for day in days if all(day in world.pulled[source] for source in own.sources)]


def filled(own: Gathered, days: list[date], reported: list[date]) -> dict[date, Fraction]:
    """The quantity of each day, gaps filled; a day without a figure under `fail` is left out."""
    sums: dict[date, Fraction] = defaultdict(Fraction)
    for reading in own.readings:
        sums[reading.day] += Fraction(reading.quantity)
    found = {}
    for day in days:
        before = [other for other in reported if other <= day][-1:]
        after = [other for other in reported if other >= day][:1]
        if day in reported:
            found[day] = sums[day]
        elif own.sold.gap_policy == "zero":
            found[day] = Fraction(0)
        elif own.sold.gap_policy == "carry" or (
            own.sold.gap_policy == "interpolate" and not (before and after)
        ):
            found[day] = sums[(before or after)[0]]
        elif own.sold.gap_policy == "interpolate":
            slope = (sums[after[0]] - sums[before[0]]) / (after[0] - before[0]).days
            on_the_line = sums[before[0]] + slope * (day - before[0]).days
            found[day] = to_step(on_the_line, Fraction(1, 10**9), "half")
    return found


def aggregate(sold: Sold, days: dict[date, Fraction], zone: str) -> Fraction:
    match sold.aggregation:
        case "sum":
            return sum(days.values(), Fraction(0))
        case "average":
            return sum(days.values(), Fraction(0)) / len(days)
        case "time_weighted":
            hours = {day: hours_of(day, ZoneInfo(zone)) for day in days}
            return sum((days[day] * hours[day] for day in days), Fraction(0)) / sum(hours.values())
        case "peak":
            return max(days.values())
        case "last":
            return days[max(days)]
        case "percentile":
            ordered = sorted(days.values())
            assert sold.percentile
            return ordered[math.ceil(Fraction(sold.percentile * len(ordered), 100)) - 1]
    raise AssertionError(sold.aggregation)


def hours_of(day: date, zone: ZoneInfo) -> Fraction:
    midnights = [
        datetime(d.year, d.month, d.day, tzinfo=zone).timestamp() for d in (day, day + timedelta(days=1))
    ]
    return Fraction(int(midnights[1] - midnights[0]), 3600)


def high_water(world: World, key: Key, gathered: dict[Key, Gathered]) -> Fraction:
    term = gathered[key].sold.term_months
    assert term
    highest = []
    for other, own in gathered.items():
        apart = (key.month.year - other.month.year) * 12 + key.month.month - other.month.month
        if other._replace(month=key.month) == key and 0 <= apart < term:
            days = days_between(other.month, min(month_end(other.month), world.landed[-1]))
            reported = reported_days(world, own, days)
            highest += filled(own, days, reported).values() if reported else []
    return max(highest)


def to_step(value: Fraction, step: Fraction, rounding: str) -> Fraction:
    steps = abs(value) / step
    whole = {"up": math.ceil, "down": math.floor, "half": lambda n: math.floor(n + Fraction(1, 2))}[rounding](
        steps
    )
    return step * whole * (1 if value >= 0 else -1)
