"""One rule of metering a test: what a month of readings becomes, and why."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import pytest
from metered_world import API, FILE, MORE, Mapped, Reading, Sold, World, meter, metered, reference

from warehouse.models import models
from warehouse.reference.install import write

JANUARY, FEBRUARY = date(2026, 1, 1), date(2026, 2, 1)
DAYS = [FEBRUARY + timedelta(days=n) for n in range(28)]
GB = Decimal(10**9)


def world(sold: Sold, gb_by_day: dict[int, int], missing: tuple[int, ...] = (), **changed: Any) -> World:
    """February of one account: GB by day of the month; on the `missing` days there was no complete pull."""
    readings = [Reading(DAYS[n - 1], GB * gb) for n, gb in gb_by_day.items()]
    pulled = {day for day in DAYS if day.day not in missing}
    return World(**{"pulled": {API: pulled}, "readings": readings, "sold": [sold], **changed})


def records(
    connection: duckdb.DuckDBPyConnection, columns: str, where: str = "true"
) -> list[tuple[Any, ...]]:
    """Some columns of the usage records in order."""
    return connection.execute(
        f"SELECT {columns} FROM billing.usage_record ORDER BY month, sku, dimension, customer_id, on_trial"
    ).fetchall()


def quantity(of: World) -> Decimal | None:
    """The quantity of the only usage record."""
    with metered(of) as connection:
        ((found,),) = records(connection, "quantity")
    return found  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("aggregation", "figure"),
    [
        ("sum", 90),
        ("count", 3),
        ("unique_count", 1),
        ("peak", 50),
        ("last", 10),
        ("average", Decimal("3.214286")),
        ("time_weighted", Decimal("3.214286")),
        ("percentile", 30),
        ("high_water", 50),
    ],
)
def test_each_aggregation_of_a_reported_month(aggregation: str, figure: Decimal) -> None:
    """Days on which the vendor does not list the account are none, and they count."""
    sold = Sold(aggregation, percentile=95 if aggregation == "percentile" else None, term_months=1)
    assert quantity(world(sold, {3: 30, 4: 50, 28: 10})) == figure


@pytest.mark.parametrize(
    ("gap_policy", "figure", "filled"),
    [("fail", None, 0), ("carry", 100, 2), ("zero", 80, 2), ("interpolate", 160, 2)],
)
def test_each_gap_policy(gap_policy: str, figure: int | None, filled: int) -> None:
    """Two days without a pull between 10 GB and 70 GB: no figure, repeated, nothing, or in between."""
    with metered(world(Sold("sum", gap_policy=gap_policy), {1: 10, 4: 70}, missing=(2, 3))) as connection:
        found = records(connection, "quantity, days_expected, days_reported, days_filled, gap_policy")
    assert found == [(figure, 28, 26, filled, gap_policy)]


@pytest.mark.parametrize(
    ("gap_policy", "figure"), [("carry", 15 + 7 * 24 + 7), ("zero", 12), ("interpolate", 15 + 7 * 25)]
)
def test_days_before_the_first_report_and_after_the_last_one(gap_policy: str, figure: int) -> None:
    """They repeat it, or are nothing. A later month is landed, so that February is over."""
    of = world(Sold("sum", gap_policy=gap_policy), {3: 5, 4: 7}, missing=(1, 2, *range(5, 29)))
    assert quantity(replace(of, pulled={API: {*of.pulled[API], date(2026, 3, 1)}})) == figure


def test_an_interpolated_day_has_nine_decimals_in_the_unit_of_the_meter() -> None:
    """A third of a byte is 0.333333333, and the month is rounded once more at its end."""
    sold = Sold("sum", gap_policy="interpolate", sku_unit="bytes")
    of = replace(world(sold, {}, missing=(2, 3)), readings=[Reading(DAYS[3], Decimal(1))])
    assert quantity(of) == Decimal("2.000000")
    ranked = replace(sold, aggregation="percentile", percentile=92, ratio=Decimal(1000000))
    assert quantity(replace(of, sold=[ranked])) == Decimal("333333.333000")


def test_a_running_month_is_metered_over_its_days_so_far() -> None:
    """A day that has not ended is no gap, even where a gap is no figure."""
    of = world(Sold("average", gap_policy="fail"), {1: 10, 2: 20}, missing=tuple(range(3, 29)))
    with metered(of) as connection:
        assert records(connection, "quantity, days_expected, days_reported") == [(15, 2, 2)]


def test_too_few_reported_days_are_no_quantity() -> None:
    """27 of 28 days are 96.43 percent; the sentence says so."""
    sold = Sold("peak", min_coverage=Decimal("96.5"))
    with metered(world(sold, {1: 10}, missing=(9,))) as connection:
        assert records(connection, "quantity, days_filled, why_unknown") == [
            (None, 0, "only 27 of 28 days were reported, less than the 96.5 % that the meter needs")
        ]
    assert quantity(world(replace(sold, min_coverage=Decimal("96.4")), {1: 10}, missing=(9,))) == 10


def test_every_stream_that_feeds_a_record_must_have_reported() -> None:
    """Two streams are added up before the highest day is sought; a day with one of them is a gap."""
    both = [Reading(DAYS[0], GB), Reading(DAYS[0], GB, resource="r2", source=MORE), Reading(DAYS[4], 9 * GB)]
    of = World({API: set(DAYS), MORE: {*DAYS} - {DAYS[4]}}, both, [Sold("peak", gap_policy="zero")])
    with metered(of) as connection:
        assert records(connection, "quantity, days_reported, readings") == [(2, 27, 3)]


def test_streams_that_never_report_together_are_unknown() -> None:
    """Without any reported day there is no quantity, whatever the policy."""
    of = World(
        {API: set(DAYS[:14]), FILE: set(DAYS[14:])},
        [Reading(DAYS[0], GB), Reading(DAYS[14], GB, source=FILE)],
        [Sold("sum", gap_policy="zero")],
    )
    with metered(of) as connection:
        assert records(connection, "quantity, days_reported, why_unknown") == [
            (None, 0, "no day of it was reported by every stream it comes from")
        ]


@pytest.mark.parametrize(
    ("unit", "sku_unit", "ratio", "figure"),
    [
        ("bytes", "GB", "1", "2.500000"),
        ("bytes", "GiB", "1", "2.328306"),
        ("bytes", "TiB", "1000", "2.273737"),
        ("GB", "TB", "1", "2500000"),
        ("seats", "licenses", "0.000004", "10000"),
    ],
)
def test_units_and_ratio(unit: str, sku_unit: str, ratio: str, figure: str) -> None:
    """GB and GiB are different units; a ratio comes on top."""
    of = world(Sold("peak", unit=unit, sku_unit=sku_unit, ratio=Decimal(ratio)), {})
    assert quantity(replace(of, readings=[Reading(DAYS[5], Decimal(25 * 10**8))])) == Decimal(figure)


@pytest.mark.parametrize(
    ("rounding", "sign", "figure"),
    [
        ("up", 1, 3),
        ("down", 1, "2.5"),
        ("half", 1, 3),
        ("up", -1, -3),
        ("down", -1, "-2.5"),
        ("half", -1, -3),
    ],
)
def test_rounding_to_a_step(rounding: str, sign: int, figure: Decimal | str) -> None:
    """2.75 in halves: up is away from zero, down towards it, and half of a step away from it."""
    of = world(Sold("sum", rounding=rounding, step=Decimal("0.5")), {})
    reading = Reading(DAYS[0], sign * GB * Decimal("2.75"))
    assert quantity(replace(of, readings=[reading])) == Decimal(figure)


def test_what_fits_a_step_is_not_rounded_up() -> None:
    """Only what is left over makes one more."""
    of = world(Sold("average", rounding="up", step=Decimal(1)), dict.fromkeys(range(1, 29), 7))
    assert quantity(of) == 7


def test_trial_and_excluded_usage_have_records_of_their_own() -> None:
    """They are metered and not billed; an account that is excluded is not on trial as well."""
    readings = [
        Reading(DAYS[0], GB),
        Reading(DAYS[0], 2 * GB, resource="r2", is_trial=True),
        Reading(DAYS[0], 4 * GB, account="a2", is_trial=True),
    ]
    mapped = [Mapped("a1", "c1"), Mapped("a2", None, reason="a demo")]
    with metered(World({API: set(DAYS)}, readings, [Sold("sum")], mapped)) as connection:
        assert records(connection, "quantity, customer_id, billable, not_billable_reason") == [
            (1, "c1", True, None),
            (2, "c1", False, "trial"),
            (4, None, False, "excluded: a demo"),
        ]


def test_an_account_that_moves_is_each_ones_for_its_days() -> None:
    """From the 15th on it is the other customer's; for the first it is none from then on."""
    mapped = [Mapped("a1", "c1", valid_to=DAYS[14]), Mapped("a1", "c2", valid_from=DAYS[14])]
    of = world(Sold("average"), dict.fromkeys(range(1, 29), 28), mapped=mapped)
    with metered(of) as connection:
        assert records(connection, "customer_id, quantity, readings, days_reported") == [
            ("c1", 14, 14, 28),
            ("c2", 14, 14, 28),
        ]


def test_usage_that_nobody_has_is_metered_for_its_account() -> None:
    """As a customer's would be; trials are left out, for nobody would pay for them."""
    readings = [
        Reading(DAYS[0], 3 * GB, account="b1"),
        Reading(DAYS[1], 5 * GB, account="b1", is_trial=True),
        Reading(DAYS[2], GB, account="b1", meter="of no interest"),
        Reading(DAYS[3], Decimal(0), account="b2"),
    ]
    with metered(World({API: set(DAYS)}, readings, [Sold("peak")])) as connection:
        assert records(connection, "*") == []
        assert connection.execute("SELECT * FROM billing.unmapped_usage").fetchall() == [
            (FEBRUARY, "acme", "default", "b1", "gb", "", 3)
        ]
        assert connection.execute(
            "SELECT account_id, first_day, days FROM billing.unmapped_account"
        ).fetchall() == [("b1", DAYS[0], 3)]


def test_a_meter_is_sold_as_several_skus_and_a_product_in_its_own_way() -> None:
    """A row for the product stands in place of all rows for `*`; products sold as the same are added up."""
    sold = [
        Sold("peak", sku="gb"),
        Sold("sum", sku="traffic", dimension="eu"),
        Sold("peak", sku="special", product="pro"),
    ]
    readings = [
        Reading(DAYS[0], GB, product="backup"),
        Reading(DAYS[0], 2 * GB, product="archive"),
        Reading(DAYS[0], 4 * GB, product="pro"),
    ]
    with metered(World({API: set(DAYS)}, readings, sold)) as connection:
        assert records(connection, "sku, dimension, quantity") == [
            ("gb", "", 3),
            ("special", "", 4),
            ("traffic", "eu", 3),
        ]


@pytest.mark.parametrize(("term_months", "figures"), [(1, [9, 2]), (2, [9, 9])])
def test_the_high_water_of_a_term_looks_back(term_months: int, figures: list[int]) -> None:
    """The highest day of the months before counts as long as the term is."""
    days = [JANUARY + timedelta(days=n) for n in range(59)]
    readings = [Reading(days[3], 9 * GB), Reading(days[40], 2 * GB)]
    of = World({API: set(days)}, readings, [Sold("high_water", term_months=term_months)])
    with metered(of) as connection:
        assert records(connection, "quantity") == [(figure,) for figure in figures]


@pytest.mark.parametrize(("zone", "figure"), [("UTC", "1.032258"), ("Europe/Amsterdam", "0.990579")])
def test_a_day_of_23_hours_weighs_less(zone: str, figure: str) -> None:
    """The 29th of March lasts 23 of 743 hours in Amsterdam."""
    days = [date(2026, 3, 1) + timedelta(days=n) for n in range(31)]
    of = World({API: set(days)}, [Reading(days[28], 32 * GB)], [Sold("time_weighted")], zones={"c1": zone})
    assert quantity(of) == Decimal(figure)


def test_many_exabytes_are_metered_exactly() -> None:
    """10^18 bytes on each of 31 days, weighted with hours and converted by a ratio with six decimals."""
    days = [date(2026, 10, 1) + timedelta(days=n) for n in range(31)]
    readings = [Reading(day, Decimal(10**18)) for day in days]
    for aggregation, figure in (("sum", Decimal(31)), ("time_weighted", Decimal(1))):
        sold = Sold(aggregation, sku_unit="GiB", ratio=Decimal("1.234567"))
        of = World({API: set(days)}, readings, [sold], zones={"c1": "Europe/Amsterdam"})
        exact = figure * 10**12 * 1234567 / 2**30
        assert quantity(of) == exact.quantize(Decimal("0.000001"))


@pytest.mark.parametrize("gap_policy", ["carry", "interpolate"])
def test_the_largest_readings_of_a_program_are_metered_together(gap_policy: str) -> None:
    """A hundred of one owner on one day, with a day between that nobody was told."""
    readings = [Reading(day, Decimal(2**63 - 1), resource=f"r{n}") for n in range(100) for day in DAYS]
    sold = Sold("average", gap_policy=gap_policy)
    of = replace(world(sold, {}, missing=(9,)), readings=[row for row in readings if row.day != DAYS[8]])
    assert quantity(of) == (100 * Decimal(2**63 - 1) / GB).quantize(Decimal("0.000001"))


def test_a_figure_that_does_not_fit_stops_the_build() -> None:
    """An overflow is an error, never another number."""
    sold = Sold("sum", unit="PB", sku_unit="bytes")
    with pytest.raises((duckdb.OutOfRangeException, duckdb.ConversionException)):
        quantity(replace(world(sold, {}), readings=[Reading(DAYS[0], Decimal(10**18))]))


def test_another_reference_meters_every_month_anew() -> None:
    """Daily usage follows the mapping: built again, it is what it would have been from the start."""
    days = [JANUARY + timedelta(days=n) for n in range(59)]
    readings = [Reading(day, GB, account) for day in days for account in ("a1", "a2")]
    before = World({API: set(days)}, readings, [Sold("peak")], [Mapped("a2", "c9")])
    after = replace(
        before,
        mapped=[Mapped("a1", "c1"), Mapped("a2", "c1", valid_to=days[40])],
        sold=[Sold("sum"), Sold("peak", sku="b")],
    )
    tables = ("daily_usage", "usage_record", "unmapped_usage")
    with metered(after) as connection:
        wanted = [
            connection.execute(f"SELECT * FROM billing.{table} ORDER BY ALL").fetchall() for table in tables
        ]
    with metered(before) as connection:
        write(connection, reference(after))
        meter(connection, after.landed)
        found = [
            connection.execute(f"SELECT * FROM billing.{table} ORDER BY ALL").fetchall() for table in tables
        ]
    assert found == wanted


def test_daily_usage_follows_the_reference() -> None:
    """So a build fills it again for every day of every month when the reference has changed."""
    daily = [
        model for model in models() if model.header.get("partition") == "usage_date" and model.reads_reference
    ]
    assert {model.name for model in daily} == {"billing.daily_usage", "billing.daily_unmapped"}
