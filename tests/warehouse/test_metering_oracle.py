"""Thousands of usage records from drawn readings, gaps and rules, each equal to what fractions say."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import duckdb
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from metered_world import API, FILE, LONG_AGO, MORE, Mapped, Reading, Sold, Source, World, metered
from metering_oracle import Expected, Key, days_between, expected, month_end

# The last of three months. Clocks change in March and October, in Lord Howe by half an hour in April too.
MONTHS = [date(2026, 2, 1), date(2026, 3, 1), date(2026, 10, 1), date(2026, 4, 1), date(2024, 2, 1)]
ZONES = ["UTC", "Europe/Amsterdam", "Australia/Lord_Howe", "America/New_York"]
AGGREGATIONS = [
    *("sum", "count", "unique_count", "peak", "last", "average"),
    *("time_weighted", "percentile", "high_water"),
]
STEPS = [Decimal(step) for step in ("0.000001", "0.001", "0.5", "1", "7")]


def months_back(month: date, count: int) -> date:
    index = month.year * 12 + month.month - 1 - count
    return date(index // 12, index % 12 + 1, 1)


@st.composite
def sales(draw: st.DrawFn, n: int) -> list[Sold]:
    """One meter, sold as one or two SKUs, perhaps in another way for one product."""
    unit, sku_unit = draw(
        st.sampled_from([("bytes", "GB"), ("bytes", "GiB"), ("GB", "MB"), ("MB", "TiB"), ("seats", "seats")])
    )
    gap_policy = draw(st.sampled_from(["fail", "carry", "zero", "interpolate", "carry", "interpolate"]))
    min_coverage = draw(st.sampled_from([Decimal(0), Decimal(0), Decimal(50), Decimal("96.5")]))
    rows = []
    for k in range(draw(st.integers(1, 2))):
        aggregation = draw(st.sampled_from(AGGREGATIONS))
        rows.append(
            Sold(
                aggregation,
                meter=f"m{n}",
                sku=f"s{n}-{k}",
                product=draw(st.sampled_from(["*", "*", "pro"])),
                dimension=draw(st.sampled_from(["", "eu"])),
                unit=unit,
                sku_unit=sku_unit,
                ratio=draw(
                    st.sampled_from([Decimal(1), Decimal("0.333333"), Decimal("12.5"), Decimal("1.000001")])
                ),
                step=draw(st.sampled_from(STEPS)),
                rounding=draw(st.sampled_from(["up", "down", "half"])),
                gap_policy=gap_policy,
                min_coverage=min_coverage,
                percentile=draw(st.sampled_from([1, 50, 95, 100])) if aggregation == "percentile" else None,
                term_months=draw(st.integers(1, 3)) if aggregation == "high_water" else None,
            )
        )
    return rows


@st.composite
def worlds(draw: st.DrawFn) -> World:
    last = draw(st.sampled_from(MONTHS))
    first = months_back(last, 2)
    latest = draw(st.one_of(st.just(month_end(last)), st.dates(last, month_end(last))))
    days = days_between(first, latest)
    pulled: dict[Source, set[date]] = {}
    for source in (API, MORE, FILE):
        missing = draw(st.lists(st.integers(0, len(days) - 2), max_size=5))
        lengths = draw(st.lists(st.integers(1, 12), min_size=len(missing), max_size=len(missing)))
        gone = {day for at, length in zip(missing, lengths, strict=True) for day in days[at : at + length]}
        pulled[source] = set(days) - gone
    pulled[API].add(latest)
    mapped = draw(mappings(first, latest))
    sold, readings = [], []
    for n in range(draw(st.integers(6, 10))):
        rows = draw(sales(n))
        sold += rows
        readings += draw(usage(rows[0], days, pulled))
    zones = {f"c{n}": draw(st.sampled_from(ZONES)) for n in range(3)}
    return World(pulled, readings, sold, mapped, zones)


@st.composite
def mappings(draw: st.DrawFn, first: date, latest: date) -> list[Mapped]:
    """Accounts that stay, move, come to nobody, or are excluded; c3 has no terms, a4 is never mapped."""
    found = []
    for n in range(4):
        moves = sorted(draw(st.sets(st.dates(first, latest), max_size=2)))
        for start, end in zip([LONG_AGO, *moves], [*moves, None], strict=True):
            customer = draw(st.sampled_from(["c0", "c1", "c2", "c3", "excluded", "nobody's", "unmapped"]))
            if customer == "excluded":
                found.append(Mapped(f"a{n}", "c0", start, end, "own use"))
            elif customer == "nobody's":
                found.append(Mapped(f"a{n}", None, start, end, "a demo"))
            elif customer != "unmapped":
                found.append(Mapped(f"a{n}", customer, start, end))
    return found


@st.composite
def usage(draw: st.DrawFn, sold: Sold, days: list[date], pulled: dict[Source, set[date]]) -> list[Reading]:
    size = {"bytes": 10**9, "MB": 1000, "GB": 1, "seats": 1}[sold.unit]
    figure = st.one_of(
        st.integers(0, 3000 * size).map(Decimal),
        st.just(Decimal(0)),
        st.integers(0, 10**6).map(lambda n: Decimal(n).scaleb(-9)),
        st.integers(-50 * size, 50 * size).map(Decimal),
        st.integers(0, {"bytes": 10**18, "MB": 10**13}.get(sold.unit, 1000)).map(Decimal),
    )
    sources = draw(st.sampled_from([[API], [API], [API, MORE], [API, FILE]]))
    accounts = draw(st.lists(st.sampled_from(["a0", "a1", "a2", "a3", "a4"]), min_size=1, max_size=2))
    found = {}
    for account in accounts:
        for _ in range(draw(st.integers(1, 4))):
            source = draw(st.sampled_from(sources))
            resource = draw(st.sampled_from(["r1", "r2"]))
            start, length = draw(st.integers(0, len(days) - 1)), draw(st.integers(1, 40))
            product, is_trial = (
                draw(st.sampled_from(["backup", "pro"])),
                draw(st.sampled_from([None, False, False, True])),
            )
            level, slope = draw(figure), draw(st.integers(-2, 2))
            for n, day in enumerate(days[start : start + length]):
                if day in pulled[source]:
                    found[account, resource, product, day] = Reading(
                        day, level + slope * n, account, resource, product, sold.meter, is_trial, source
                    )
    return list(found.values())


def read(connection: duckdb.DuckDBPyConnection) -> dict[Key, Expected]:
    """The usage records of the warehouse, and what it metered of accounts that nobody has."""
    rows = connection.execute(
        """
        SELECT metered.month, owner.customer_id, sold.meter, sold.sku, sold.dimension,
            coalesce(owner.excluded, CASE WHEN metered.on_trial THEN 'trial' END), owner.unmapped_account_id,
            metered.quantity, metered.days_expected, metered.days_reported,
            coalesce(record.days_filled, 0), metered.readings
        FROM billing.metered_quantity AS metered
        JOIN (SELECT DISTINCT month, sold, meter, sku, dimension FROM billing.sold_meter) AS sold
            USING (month, sold)
        JOIN billing.usage_owner AS owner USING (month, owner)
        LEFT JOIN billing.usage_record AS record USING (month, owner, on_trial, sold)
        """
    ).fetchall()
    return {Key(*row[:7]): Expected(None if row[7] is None else Fraction(row[7]), *row[8:12]) for row in rows}


@settings(
    max_examples=20,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(worlds())
def test_every_quantity_is_what_the_oracle_says(world: World) -> None:
    """Aggregations, gaps, units, ratios, steps, trial, moves and clock changes agree with fractions."""
    with metered(world) as connection:
        found = read(connection)
    wanted = expected(world)
    wanted = {key: row._replace(days_filled=0) if key.unmapped else row for key, row in wanted.items()}
    assert found == wanted
