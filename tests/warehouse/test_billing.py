"""From readings to invoices, against an oracle in fractions that shares no line with the SQL."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import duckdb
import pyarrow as pa
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from warehouse import invariants
from warehouse.build import PULL, create, fill
from warehouse.models import models
from warehouse.reference.install import write
from warehouse.reference.rows import Row

MONTH = date(2026, 2, 1)
DAYS = [date(2026, 2, n) for n in range(1, 29)]
MINOR_UNITS = {
    "JPY": Fraction(1),
    "EUR": Fraction(1, 100),
    "KWD": Fraction(1, 1000),
    "CLF": Fraction(1, 10000),
}
LONG_AGO = date(2020, 1, 1)


@dataclass(frozen=True)
class Tier:
    above: Decimal
    price: Decimal


@dataclass(frozen=True)
class Sale:
    """One SKU of one customer: how it is metered and priced, and the readings by day and resource."""

    aggregation: str
    divisor: int
    step: Decimal
    model: str
    tiers: tuple[Tier, ...]
    readings: dict[int, list[int]]  # day of the month -> one figure for each resource


@dataclass(frozen=True)
class Case:
    currency: str
    percent: Decimal
    sales: tuple[Sale, ...]


def decimals(low: int, high: int, places: int) -> st.SearchStrategy[Decimal]:
    return st.integers(low * 10**places, high * 10**places).map(lambda n: Decimal(n).scaleb(-places))


@st.composite
def sales(draw: st.DrawFn) -> Sale:
    model = draw(st.sampled_from(["flat", "per_unit", "graduated", "volume"]))
    bounds = (
        draw(st.lists(decimals(1, 2000, 6), max_size=3, unique=True))
        if model in ("graduated", "volume")
        else []
    )
    price = st.one_of(decimals(-3, 30, 9), decimals(0, 5, 2), st.just(Decimal("0.005")), st.just(Decimal(0)))
    divisor = draw(st.sampled_from([1, 1000, 10**9, 2**30]))
    figure = st.one_of(st.integers(0, 3000 * divisor), st.just(0), st.integers(0, 10**9 * divisor))
    return Sale(
        aggregation=draw(st.sampled_from(["peak", "average", "last"])),
        divisor=divisor,
        step=draw(st.sampled_from([Decimal("0.000001"), Decimal("0.001"), Decimal(1), Decimal(5)])),
        model=model,
        tiers=tuple(Tier(above, draw(price)) for above in sorted([Decimal(0), *bounds])),
        readings=draw(
            st.dictionaries(
                st.integers(1, 28), st.lists(figure, min_size=1, max_size=2), min_size=1, max_size=4
            )
        ),
    )


cases = st.builds(
    Case,
    currency=st.sampled_from(sorted(MINOR_UNITS)),
    percent=st.sampled_from([Decimal(0), Decimal(21), Decimal("8.1"), Decimal("19.9975")]),
    sales=st.lists(sales(), min_size=1, max_size=5).map(tuple),
)


@contextmanager
def billed(case_list: list[Case], reported: list[date]) -> Iterator[duckdb.DuckDBPyConnection]:
    """A warehouse in memory that billed February for customers c0, c1, ... with one SKU a sale."""
    with duckdb.connect() as connection:
        create(connection, None)
        write(connection, reference(case_list))
        connection.execute("INSERT INTO ops.build_month VALUES (?, ?)", [MONTH, DAYS[-1]])
        instant = datetime(2026, 3, 1, tzinfo=UTC)
        pulls = [
            {
                **dict.fromkeys(PULL.names, ""),
                **dict.fromkeys(("pages", "rows", "vendor_total", "quarantined"), 0),
                "pull_id": f"p{day}",
                "vendor": "acme",
                "connection": "default",
                "stream": "usage",
                "usage_date": day,
                "status": "ok",
                "version": 1,
                "unknown_fields": [],
                "started_at": instant,
                "finished_at": instant,
            }
            for day in reported
        ]
        load(connection, "ops.pull", pulls, PULL)
        load(connection, "staging.usage_snapshot", list(snapshots(case_list, reported)), SNAPSHOT)
        for model in models():
            if model.name.startswith("billing."):
                fill(connection, model, [MONTH])
        invariants.verify(connection, [MONTH])
        yield connection


SNAPSHOT = pa.schema(
    [
        *(
            (name, pa.string())
            for name in ("vendor", "connection", "account_id", "resource_id", "resource_type")
        ),
        *((name, pa.string()) for name in ("product", "meter", "unit", "quality", "pull_id")),
        ("usage_date", pa.date32()),
        ("quantity", pa.decimal128(28, 9)),
        ("is_trial", pa.bool_()),
        ("row_no", pa.int64()),
    ]
)


def load(
    connection: duckdb.DuckDBPyConnection, table: str, rows: list[dict[str, Any]], schema: pa.Schema
) -> None:
    connection.register("incoming", pa.Table.from_pylist(rows, schema))
    connection.execute(f"INSERT INTO {table} BY NAME SELECT * FROM incoming")
    connection.unregister("incoming")


def snapshots(case_list: list[Case], reported: list[date]) -> Iterator[dict[str, Any]]:
    for c, case in enumerate(case_list):
        for s, sale in enumerate(case.sales):
            for day_no, figures in sale.readings.items():
                day = DAYS[day_no - 1]
                for r, figure in enumerate(figures if day in reported else []):
                    yield {
                        "vendor": "acme",
                        "connection": "default",
                        "account_id": f"a{c}",
                        "resource_id": f"r{r}",
                        "resource_type": "subscription",
                        "product": "backup",
                        "meter": f"m{c}-{s}",
                        "unit": "bytes",
                        "quality": "reported",
                        "pull_id": f"p{day}",
                        "usage_date": day,
                        "quantity": Decimal(figure),
                        "is_trial": False,
                        "row_no": 0,
                    }


def rows(*cells: dict[str, Any]) -> list[Row]:
    return [Row(n, row) for n, row in enumerate(cells, start=2)]


def reference(case_list: list[Case]) -> dict[str, list[Row]]:
    valid = {"valid_from": LONG_AGO, "valid_to": None}
    sold = [(c, case, s, sale) for c, case in enumerate(case_list) for s, sale in enumerate(case.sales)]
    nobody = dict.fromkeys(["parent_customer_id", "country", "tax_id", "exemption_reason", "reason"])
    return {
        "customer": rows(
            *(
                {
                    **nobody,
                    "customer_id": f"c{c}",
                    "name": f"Customer {c}",
                    "kind": "reseller",
                    "bill_to": "self",
                    "billing_entity_id": "us",
                    "currency": case.currency,
                    "rate_card": f"card{c}",
                    "tax_code": f"tax{c}",
                    **valid,
                }
                for c, case in enumerate(case_list)
            )
        ),
        "account_mapping": rows(
            *(
                {
                    **nobody,
                    "vendor": "acme",
                    "connection": "default",
                    "account_id": f"a{c}",
                    "state": "mapped",
                    "customer_id": f"c{c}",
                    **valid,
                }
                for c, _ in enumerate(case_list)
            )
        ),
        "sku": rows(
            *(
                {"sku": f"s{s}-{c}", "name": "Backup", "service": "Backup", "unit": "GB"}
                for c, _, s, _ in sold
            )
        ),
        "meter": rows(
            *(
                {
                    "vendor": "acme",
                    "product": "*",
                    "meter": f"m{c}-{s}",
                    "sku": f"s{s}-{c}",
                    "aggregation": sale.aggregation,
                    "divisor": sale.divisor,
                    "quantity_step": sale.step,
                    **valid,
                }
                for c, _, s, sale in sold
            )
        ),
        "rate": rows(
            *(
                {
                    "rate_card": f"card{c}",
                    "sku": f"s{s}-{c}",
                    "model": sale.model,
                    "tier_from": tier.above,
                    "tier_to": upper.above if upper else None,
                    "unit_price": tier.price,
                    **valid,
                }
                for c, _, s, sale in sold
                for tier, upper in zip(sale.tiers, [*sale.tiers[1:], None], strict=True)
            )
        ),
        "tax_rate": rows(
            *(
                {
                    **nobody,
                    "tax_code": f"tax{c}",
                    "name": "VAT",
                    "category": "S",
                    "percent": case.percent,
                    **valid,
                }
                for c, case in enumerate(case_list)
            )
        ),
    }


def half_away(value: Fraction, unit: Fraction) -> Fraction:
    """`value` to the nearest multiple of `unit`, halves away from zero."""
    whole = math.floor(abs(value) / unit + Fraction(1, 2))
    return unit * (whole if value >= 0 else -whole)


def expected_quantity(sale: Sale, reported: list[date]) -> Fraction:
    sums = {
        DAYS[n - 1]: Fraction(sum(figures)) for n, figures in sale.readings.items() if DAYS[n - 1] in reported
    }
    figure = {
        "peak": lambda: max(sums.values()),
        "average": lambda: sum(sums.values()) / len(reported),
        "last": lambda: sums.get(max(reported), Fraction(0)),
    }[sale.aggregation]()
    return half_away(figure / sale.divisor, Fraction(sale.step))


def expected_lines(sale: Sale, quantity: Fraction) -> list[tuple[Fraction, Fraction]]:
    """(quantity, price) of each tier that is charged."""
    tiers = [(Fraction(tier.above), Fraction(tier.price)) for tier in sale.tiers]
    if sale.model == "flat":
        return [(Fraction(1), tiers[0][1])]
    if not quantity:
        return []
    if sale.model == "volume":
        return [(quantity, [price for above, price in tiers if above < quantity][-1])]
    left, lines = quantity, []
    for above, price in reversed(tiers):
        if left > above:
            lines.insert(0, (left - above, price))
            left = above
    return lines


def expected_amounts(exact: list[Fraction], unit: Fraction) -> list[Fraction]:
    """Largest remainder, by giving one unit after the other to whoever is furthest behind."""
    net = half_away(sum(exact, Fraction(0)), unit)
    mirror = -1 if sum(exact) < 0 else 1
    given = [unit * math.floor(mirror * amount / unit) for amount in exact]
    while sum(given) < mirror * net:
        behind = [mirror * amount - got for amount, got in zip(exact, given, strict=True)]
        given[behind.index(max(behind))] += unit
    return [mirror * got for got in given]


@settings(
    max_examples=12,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(
    st.lists(cases, min_size=12, max_size=16),
    st.sets(st.sampled_from(DAYS), min_size=1).map(sorted),
)
def test_every_cent_is_what_the_oracle_says(case_list: list[Case], reported: list[date]) -> None:
    """Aggregation, tiers, largest remainder and tax agree with fractions, for 0 to 4 decimals."""
    with billed(case_list, reported) as connection:
        found = {
            (customer, sku, tier): (Fraction(quantity), Fraction(exact), Fraction(amount))
            for customer, sku, tier, quantity, exact, amount in connection.execute(
                "SELECT customer_id, sku, row_number() OVER (PARTITION BY customer_id, sku ORDER BY tier_no),"
                " quantity, exact_amount, amount FROM billing.invoice_line"
            ).fetchall()
        }
        invoices = {
            customer: tuple(map(Fraction, amounts))
            for customer, *amounts in connection.execute(
                "SELECT billed_customer_id, net, tax, total FROM billing.invoice"
            ).fetchall()
        }
    wanted, wanted_invoices = {}, {}
    for c, case in enumerate(case_list):
        unit = MINOR_UNITS[case.currency]
        lines = []
        for s, sale in enumerate(case.sales):
            if any(DAYS[n - 1] in reported for n in sale.readings):
                charged = expected_lines(sale, expected_quantity(sale, reported))
                lines += [((f"c{c}", f"s{s}-{c}", n), q, p) for n, (q, p) in enumerate(charged, start=1)]
        amounts = expected_amounts([q * p for _, q, p in lines], unit)
        wanted |= {key: (q, q * p, amount) for (key, q, p), amount in zip(lines, amounts, strict=True)}
        if lines:
            net = sum(amounts, Fraction(0))
            tax = half_away(net * Fraction(case.percent) / 100, unit)
            wanted_invoices[f"c{c}"] = (net, tax, net + tax)
    assert found == wanted
    assert invoices == wanted_invoices
