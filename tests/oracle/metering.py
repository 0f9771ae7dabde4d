"""RATING.md section 1 in fractions: from readings to usage records."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import lru_cache

from tests.oracle.terms import terms_of
from tests.oracle.world import (
    Reading,
    Row,
    Source,
    World,
    cut,
    days_of,
    half,
    holds,
    month_after,
    seconds,
)

STORAGE = {
    "bytes": 1,
    **{f"{letter}B": 1000**n for n, letter in enumerate("KMGTP", start=1)},
    **{f"{letter}iB": 1024**n for n, letter in enumerate("KMGTP", start=1)},
}
COUNTED = ("count", "unique_count")
NANO = Fraction(1, 10**9)


@dataclass(frozen=True, slots=True)
class Record:
    """A usage record; the quantity is None where it is unknown, `reason` empty where it is billable."""

    customer: str
    vendor: str
    connection: str
    meter: str
    sku: str
    dimension: str
    reason: str
    quantity: Fraction | None


Key = tuple[str, ...]


@lru_cache(maxsize=2048)
def usage_records(world: World, month: date) -> tuple[Record, ...]:
    """Every usage record of the month."""
    return tuple(
        Record(*key, _quantity(world, key, readings, month))
        for key, readings in _by_record(world, month).items()
    )


def _by_record(world: World, month: date) -> dict[Key, list[Reading]]:
    found: dict[Key, list[Reading]] = defaultdict(list)
    ways = _ways(world, month)
    end = month_after(month)
    for reading in world.readings:
        owner = _owner(world, reading) if month <= reading.day < end else None
        if owner is None:
            continue
        vendor, connection, _ = reading.source
        for way in _sold_as(ways, reading):
            key = (
                owner[0],
                vendor,
                connection,
                reading.meter,
                way["sku"],
                way.get("dimension") or "",
                owner[1],
            )
            found[key].append(reading)
    return found


def _ways(world: World, month: date) -> list[Row]:
    """As what meters are sold, which changes with months."""
    return [row for row in world.rows("sku_mapping") if holds(row, month)]


def _meter(world: World, key: Key, month: date) -> Row:
    return next(row for row in world.rows("meter", vendor=key[1], meter=key[3]) if holds(row, month))


def _way(world: World, key: Key, month: date) -> Row:
    _, vendor, _, meter, sku, dimension, _ = key
    return next(
        row
        for row in _ways(world, month)
        if (row["vendor"], row["meter"], row["sku"], row.get("dimension") or "")
        == (vendor, meter, sku, dimension)
    )


def _owner(world: World, reading: Reading) -> tuple[str, str] | None:
    """Whose the reading is and why it is not billed; None for nobody's."""
    vendor, connection, _ = reading.source
    for row in world.rows(
        "account_mapping", vendor=vendor, connection=connection, account_id=reading.account
    ):
        if holds(row, reading.day):
            if row["state"] == "excluded":
                return row.get("customer_id") or "", row["reason"]
            return row["customer_id"], "trial" if reading.trial else ""
    return None


def _sold_as(ways: list[Row], reading: Reading) -> list[Row]:
    same = [way for way in ways if (way["vendor"], way["meter"]) == (reading.source[0], reading.meter)]
    own = [way for way in same if way["product"] == reading.product]
    return own or [way for way in same if way["product"] == "*"]


def _quantity(world: World, key: Key, readings: list[Reading], month: date) -> Fraction | None:
    customer, sku = key[0], key[4]
    meter, way = _meter(world, key, month), _way(world, key, month)
    days = [day for day in days_of(month) if day <= world.latest]
    told = _told(world, readings, days)
    reported = [day for day in days if told[day] is not None]
    policy = meter.get("gap_policy") or "carry"
    if not reported or 100 * len(reported) < Fraction(meter.get("min_coverage") or 0) * len(days):
        return None
    if policy == "fail" and len(reported) < len(days):
        return None
    if way["aggregation"] in COUNTED:
        counted = [reading for reading in readings if reading.quantity > 0]
        resources = {(reading.account, reading.resource) for reading in counted}
        figure = Fraction(len(counted) if way["aggregation"] == "count" else len(resources))
    else:
        filled = _filled([told[day] for day in days], policy)
        terms = terms_of(world, customer, month)
        zone = terms.zone if terms else "UTC"
        figure = _aggregated(way, filled, [seconds(day, zone) for day in days])
        if way["aggregation"] == "high_water":
            figure = max([figure, *_earlier(world, key, way["term_months"], month)])
    return _rounded(world, sku, figure * _factor(world, way, meter, sku))


def _told(world: World, readings: list[Reading], days: list[date]) -> dict[date, Fraction | None]:
    """What was used on each day; None for a day that is not reported."""
    sums: dict[date, Fraction] = defaultdict(Fraction)
    streams: set[Source] = set()
    for reading in readings:
        sums[reading.day] += Fraction(reading.quantity)
        streams.add(reading.source)
    return {day: sums[day] if all(day in world.pulled[s] for s in streams) else None for day in days}


def _earlier(world: World, key: Key, term: int, month: date) -> list[Fraction]:
    """The days of the months before in which there is the same record, gaps filled as they were there."""
    found: list[Fraction] = []
    for n in range(1, term):
        earlier = month_after(month, -n)
        readings = _by_record(world, earlier).get(key, [])
        if readings and _way(world, key, earlier)["aggregation"] not in COUNTED:
            told = _told(world, readings, [*days_of(earlier)])
            then = _meter(world, key, earlier)
            size = _size(then) / _size(_meter(world, key, month))
            found += [size * day for day in _filled([*told.values()], then.get("gap_policy") or "carry")]
    return found


def _filled(told: list[Fraction | None], policy: str) -> list[Fraction]:
    known = [n for n, figure in enumerate(told) if figure is not None]
    filled = []
    if not known or policy == "fail":
        return [told[n] for n in known]
    for n, figure in enumerate(told):
        before = max((k for k in known if k < n), default=None)
        after = min((k for k in known if k > n), default=None)
        if figure is not None:
            filled.append(figure)
        elif policy == "zero":
            filled.append(Fraction(0))
        elif before is None:
            filled.append(told[known[0]])
        elif policy == "carry" or after is None:
            filled.append(told[before])
        else:
            rise = (told[after] - told[before]) * (n - before) / (after - before)
            filled.append(half(told[before] + rise, NANO))
    return filled


def _aggregated(way: Row, days: list[Fraction], lengths: list[int]) -> Fraction:
    match way["aggregation"]:
        case "sum":
            return sum(days, Fraction(0))
        case "peak" | "high_water":
            return max(days)
        case "last":
            return days[-1]
        case "average":
            return sum(days, Fraction(0)) / len(days)
        case "time_weighted":
            weighed = sum((day * length for day, length in zip(days, lengths, strict=True)), Fraction(0))
            return weighed / sum(lengths)
        case "percentile":
            return sorted(days)[math.ceil(Fraction(way["percentile"] * len(days), 100)) - 1]
        case other:
            raise ValueError(other)


def _factor(world: World, way: Row, meter: Row, sku: str) -> Fraction:
    ratio = Fraction(way.get("ratio") or 1)
    (sold,) = world.rows("sku", sku=sku)
    if way["aggregation"] in COUNTED:
        return ratio
    return ratio * _size(meter) / _size(sold)


def _size(row: Row) -> Fraction:
    """Of its unit, in the smallest of its kind."""
    return Fraction(STORAGE.get(row["unit"], 1))


def _rounded(world: World, sku: str, quantity: Fraction) -> Fraction:
    (sold,) = world.rows("sku", sku=sku)
    step = Fraction(sold.get("quantity_step") or "0.000001")
    match sold.get("rounding") or "half":
        case "up":
            return -cut(-quantity - (step if quantity > 0 else -step), step) if quantity % step else quantity
        case "down":
            return cut(quantity, step)
        case _:
            return half(quantity, step)
