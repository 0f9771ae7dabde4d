"""What a vendor of the world counts over a month, from its own figures of each day.

The agreements with the vendors count as those with customers do (price_list.py, SOLD_AS): a mean, a peak, the
last day. A day on which the vendor does not list an account is a day of nothing.
"""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from fractions import Fraction
from math import ceil
from typing import NamedTuple
from zoneinfo import ZoneInfo

from connectors.sandbox.infrascale_truth import infrascale_readings
from connectors.sandbox.price_list import METERS, SKUS, SOLD_AS
from connectors.sandbox.redstor_truth import redstor_readings
from connectors.sandbox.reference import reference_tables
from connectors.sandbox.revirt365.truth import revirt365_readings
from connectors.sandbox.truth import Reading
from connectors.sandbox.world import World
from connectors.sandbox.xopero.truth import xopero_readings

READINGS: Mapping[str, Callable[[World, date], Iterable[Reading]]] = {
    "infrascale": lambda world, day: infrascale_readings(world.infrascale(day)),
    "redstor": lambda world, day: redstor_readings(world.redstor(day)),
    "xopero": lambda world, day: xopero_readings(world.xopero(day)),
    "revirt365": lambda world, day: revirt365_readings(world.revirt365(day)),
}

_BYTES = {"bytes": 1, "GB": 1000**3, "TB": 1000**4, "GiB": 1024**3}
_UNITS = {(vendor, meter): unit for vendor, meter, unit, *_ in METERS}
_ZONE = ZoneInfo("Europe/Amsterdam")
"""Of the customers; its clocks change with those of London."""


class Way(NamedTuple):
    """As what a meter is sold."""

    meter: str
    sku: str
    dimension: str
    aggregation: str
    percentile: str
    term_months: str
    ratio: str


class Metered(NamedTuple):
    """What is counted on its own: one meter of an account, on trial or not."""

    account_id: str
    on_trial: bool
    way: Way


def quantities(world: World, vendor: str, month: date, since: date) -> dict[Metered, Fraction]:
    """How much of each SKU each account used in a month, in the SKU's unit.

    Parameters:
        month: its first day.
        since: the first day that counts for what is charged by the highest day of several months.
    """
    days = _days(month)
    daily = _daily(world, vendor, days)
    highest = {key: max(by_day.values()) for key, by_day in daily.items()}
    terms = [int(key.way.term_months) for key in daily if key.way.aggregation == "high_water"]
    for n in range(1, max(terms, default=1)):
        earlier = [day for day in _days(_before(month, n)) if day >= since]
        for key, by_day in _daily(world, vendor, earlier).items():
            if key in highest and n < int(key.way.term_months or 0):
                highest[key] = max(highest[key], *by_day.values())
    nobodys = {
        row["account_id"]
        for row in reference_tables(world)["account_mapping"]
        if row["vendor"] == vendor and row["state"] == "excluded"
    }
    found = {}
    for key, by_day in daily.items():
        figures = [by_day.get(day, 0) for day in days]
        zone = UTC if key.account_id in nobodys else _ZONE
        figure = (
            Fraction(highest[key])
            if key.way.aggregation == "high_water"
            else _aggregated(key.way, figures, [_seconds(day, zone) for day in days])
        )
        found[key] = _rounded(key.way.sku, figure * _factor(vendor, key.way))
    return found


def _daily(world: World, vendor: str, days: Iterable[date]) -> dict[Metered, dict[date, int]]:
    ways: dict[tuple[str, str], list[Way]] = defaultdict(list)
    for seller, product, meter, *how in SOLD_AS:
        if seller == vendor:
            ways[product, meter].append(Way(meter, *how))
    daily: dict[Metered, dict[date, int]] = defaultdict(lambda: defaultdict(int))
    for day in days:
        for reading in READINGS[vendor](world, day):
            for way in ways.get((reading.product, reading.meter)) or ways.get(("*", reading.meter), []):
                daily[Metered(reading.account_id, bool(reading.is_trial), way)][day] += reading.quantity
    return daily


def _aggregated(way: Way, days: list[int], seconds: list[int]) -> Fraction:
    match way.aggregation:
        case "peak":
            return Fraction(max(days))
        case "last":
            return Fraction(days[-1])
        case "average":
            return Fraction(sum(days), len(days))
        case "time_weighted":
            return Fraction(sum(day * long for day, long in zip(days, seconds, strict=True)), sum(seconds))
        case "percentile":
            return Fraction(sorted(days)[ceil(Fraction(int(way.percentile) * len(days), 100)) - 1])
        case other:
            raise ValueError(f"no vendor of the world counts by {other}")


def _factor(vendor: str, way: Way) -> Fraction:
    sold = next(sku for sku in SKUS if sku[0] == way.sku)
    metered, unit = _UNITS[vendor, way.meter], sold[3]
    return Fraction(way.ratio or 1) * Fraction(_BYTES.get(metered, 1), _BYTES.get(unit, 1))


def _rounded(sku: str, quantity: Fraction) -> Fraction:
    _, _, _, _, step, rounding, _ = next(row for row in SKUS if row[0] == sku)
    steps = quantity / Fraction(step)
    whole = ceil(steps) if rounding == "up" else (steps + Fraction(1, 2)) // 1
    return whole * Fraction(step)


def _days(month: date) -> list[date]:
    return [month.replace(day=n + 1) for n in range(monthrange(month.year, month.month)[1])]


def _before(month: date, n: int) -> date:
    return month if n == 0 else _before((month - timedelta(days=1)).replace(day=1), n - 1)


def _seconds(day: date, zone: tzinfo) -> int:
    """How long a day is; not always 24 hours."""
    begins, ends = (
        datetime.combine(each, time(), zone).astimezone(UTC) for each in (day, day + timedelta(days=1))
    )
    return int((ends - begins).total_seconds())
