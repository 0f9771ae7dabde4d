"""24 months of 2,000 customers on five vendors, rated again from their usage records.

Prints wall and CPU seconds and peak memory, all months at once in memory as a what-if does, and month by
month in a file as a build does, and what each table took.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
from rich.console import Console
from rich.table import Table

from tests.warehouse.rated import Reference, prepare, rating
from warehouse.build import create, fill
from warehouse.calendar import set_months
from warehouse.publish import MEMORY_LIMIT, SETTINGS

MONTHS = [date(year, month, 1) for year in (2024, 2025) for month in range(1, 13)]
CUSTOMERS = 2000
VENDORS = ("infrascale", "redstor", "xopero", "resellerclub", "revirt365")
SKUS = [f"{vendor}-{what}" for vendor in VENDORS for what in ("storage", "seats")]
CURRENCIES = ("EUR", "USD", "GBP")
WALL_GOAL = 10  # seconds, on two quiet cores
MEMORY_GOAL = 2048  # MiB


def main() -> None:
    """Measure each way in a fresh process, for the memory it needs."""
    for name in WAYS:
        subprocess.run([sys.executable, "-m", "tests.bench.bench_rating", name], check=True)


def reference(customers: int) -> Reference:
    """Three rate cards and five cost cards with tiers, own prices, exchange rates, contracts, discounts."""
    cards = {f"card-{currency}": currency for currency in CURRENCIES}
    return {
        "billing_entity": [
            {"billing_entity_id": "us", "name": "Us", "country": "NL", "currency": "EUR"}
            | {"time_zone": "Europe/Amsterdam", "invoice_prefix": "US"}
        ],
        "customer": [
            {"customer_id": f"c{n}", "name": f"Customer {n}", "kind": "reseller"}
            | ({"bill_to": "parent", "parent_customer_id": f"c{n - n % 10}"} if n % 10 > 7 else _billed(n))
            for n in range(customers)
        ],
        "sku": [
            {"sku": sku, "name": sku.replace("-", " ").title(), "service": "Backup"}
            | {"unit": "GB" if sku.endswith("storage") else "seats"}
            for sku in [*SKUS, "support"]
        ],
        "rate_card": [
            *({"rate_card": card, "name": card, "currency": currency} for card, currency in cards.items()),
            *({"rate_card": v, "name": v, "side": "cost", "currency": "USD"} for v in VENDORS),
        ],
        "rate": [
            *(row for card in cards for sku in SKUS for row in _prices(card, sku)),
            *(row | {"customer_id": f"c{n}"} for n in range(0, customers, 40) for row in _own_prices(n)),
            *(
                {"rate_card": card, "sku": "support", "model": "percentage", "basis": "*"}
                | {"percent": Decimal(3), "customer_id": f"c{n}"}
                for card in cards
                for n in range(0, customers, 20)
            ),
            *(
                row
                for vendor in VENDORS
                for sku in SKUS
                if vendor in sku
                for row in _tiers(vendor, sku, "0.01")
            ),
        ],
        "vendor_terms": [
            {"vendor": vendor, "connection": "default", "rate_card": vendor} for vendor in VENDORS
        ],
        "fx_rate": [
            {"fx_set": "2024", "from_currency": one, "to_currency": other, "rate": Decimal("1.1")}
            | {"source": "ECB", "quoted_on": MONTHS[0]}
            for one in CURRENCIES
            for other in CURRENCIES
            if one != other
        ],
        "contract": [
            {"contract_id": f"k{n}", "customer_id": f"c{n}", "name": "Care"} for n in range(0, customers, 10)
        ],
        "contract_item": [
            {"contract_id": f"k{n}", "item_id": "fee", "sku": "support", "quantity": Decimal(1)}
            | {"unit_price": Decimal(99), "billed": "advance"}
            for n in range(0, customers, 10)
        ],
        "commitment": [
            {"contract_id": f"k{n}", "commitment_id": "year", "sku": "*", "amount": Decimal(5000)}
            | {"period": "term", "valid_from": date(year, 1, 1), "valid_to": date(year + 1, 1, 1)}
            for year in (2024, 2025)
            for n in range(0, customers, 50)
        ],
        "discount": [
            {
                "customer_id": f"c{n}",
                "discount_id": "loyal",
                "sku": "*",
                "percent": Decimal(5),
                "reason": "Loyalty",
            }
            for n in range(0, customers, 20)
        ],
    }


def _billed(n: int) -> dict[str, str]:
    # Every fifth is invoiced in another currency than its prices are in.
    return {
        "bill_to": "self",
        "billing_entity_id": "us",
        "currency": CURRENCIES[(n + (n % 5 == 0)) % 3],
        "rate_card": f"card-{CURRENCIES[n % 3]}",
        "tax_code": "NL",
    }


def _tiers(card: str, sku: str, price: str) -> list[dict[str, object]]:
    bounds = [Decimal(0), Decimal(100), Decimal(1000)]
    return [
        {"rate_card": card, "sku": sku, "model": "graduated", "tier_from": low, "tier_to": high}
        | {"unit_price": Decimal(price) - Decimal("0.001") * n}
        for n, (low, high) in enumerate(zip(bounds, [*bounds[1:], None], strict=True))
    ]


def _prices(card: str, sku: str) -> list[dict[str, object]]:
    if sku.endswith("seats"):
        return [{"rate_card": card, "sku": sku, "model": "per_unit", "unit_price": Decimal("1.95")}]
    # Once in the two years the price changes inside a month.
    change = date(2025, 3, 16)
    return [
        *(row | {"included": Decimal(20), "valid_to": change} for row in _tiers(card, sku, "0.05")),
        *(row | {"included": Decimal(20), "valid_from": change} for row in _tiers(card, sku, "0.06")),
    ]


def _own_prices(n: int) -> list[dict[str, object]]:
    return [
        {"rate_card": f"card-{CURRENCIES[n % 3]}", "sku": SKUS[0], "model": "package"}
        | {"unit_price": Decimal(4), "package_size": Decimal(100), "minimum": Decimal(10)}
    ]


def usage(connection: duckdb.DuckDBPyConnection, customers: int) -> None:
    """A record of each SKU for each customer and month, of up to 5,000 units."""
    connection.execute(
        """
        INSERT INTO billing.usage_record BY NAME
        SELECT
            md5(concat_ws('|', month, customer, sku)) AS usage_record_id,
            month,
            concat('c', customer) AS customer_id,
            split_part(sku, '-', 1) AS vendor,
            'default' AS connection,
            split_part(sku, '-', 2) AS meter,
            sku,
            '' AS dimension,
            TRUE AS billable,
            'peak' AS aggregation,
            CAST((customer * 7919 + month_no * 104729 + length(sku) * 1299709) % 500000000 AS DECIMAL(20,6))
                * CAST(0.00001 AS DECIMAL(6,5)) AS quantity,
            date_diff('day', month, last_day(month)) + 1 AS days_expected,
            date_diff('day', month, last_day(month)) + 1 - customer % 2 AS days_reported,
            customer % 2 AS days_filled,
            'carry' AS gap_policy,
            31 AS readings,
            customer AS owner,
            FALSE AS on_trial,
            length(sku) AS sold
        FROM (SELECT unnest(?::DATE[]) AS month, unnest(range(?)) AS month_no)
        CROSS JOIN (SELECT unnest(range(?)) AS customer)
        CROSS JOIN (SELECT unnest(?::VARCHAR[]) AS sku)
        """,
        [MONTHS, len(MONTHS), customers, SKUS],
    )


def at_once(connection: duckdb.DuckDBPyConnection, spent: dict[str, float]) -> None:
    """All months in one go."""
    _rate(connection, MONTHS, spent)


def month_by_month(connection: duckdb.DuckDBPyConnection, spent: dict[str, float]) -> None:
    """A month at a time."""
    for month in MONTHS:
        _rate(connection, [month], spent)


Way = Callable[[duckdb.DuckDBPyConnection, dict[str, float]], None]
# Each with where its tables are.
WAYS: dict[str, tuple[Way, str]] = {
    "at-once": (at_once, ":memory:"),
    "month-by-month": (month_by_month, "warehouse.duckdb"),
}


def _rate(connection: duckdb.DuckDBPyConnection, months: list[date], spent: dict[str, float]) -> None:
    set_months(connection, months, MONTHS[-1])
    for model in rating():
        began = time.perf_counter()
        fill(connection, model, months)
        spent[model.name] = spent.get(model.name, 0) + time.perf_counter() - began


def measure(out: Console, name: str) -> None:
    """One way, in this process."""
    way, file = WAYS[name]
    config = {**SETTINGS, "memory_limit": MEMORY_LIMIT, "threads": 2}
    with tempfile.TemporaryDirectory() as home:
        path = file if file == ":memory:" else str(Path(home) / file)
        with duckdb.connect(path, config=config) as connection:
            create(connection, None)
            prepare(connection, reference(CUSTOMERS), [])
            usage(connection, CUSTOMERS)
            spent: dict[str, float] = {}
            began, cpu = time.perf_counter(), time.process_time()
            way(connection, spent)
            wall, cpu = time.perf_counter() - began, time.process_time() - cpu
            (records,) = connection.execute("SELECT count(*) FROM billing.usage_record").fetchone() or (0,)
            (charges,) = connection.execute("SELECT count(*) FROM billing.charge").fetchone() or (0,)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    table = Table(title=f"{records:,} usage records rated into {charges:,} charges, {name}")
    for column in ("figure", "measured", "goal"):
        table.add_column(column)
    table.add_row("wall", f"{wall:.1f} s", f"under {WALL_GOAL} s")
    table.add_row("CPU", f"{cpu:.1f} s", "")
    table.add_row("peak memory", f"{peak:,.0f} MiB", f"under {MEMORY_GOAL:,} MiB")
    for model, seconds in sorted(spent.items(), key=lambda item: -item[1]):
        table.add_row(model, f"{seconds:.2f} s", "")
    out.print(table)


if __name__ == "__main__":
    if sys.argv[1:]:
        measure(Console(), sys.argv[1])
    else:
        main()
