"""One run of the metering benchmark in a process of its own: `<file> make|meter|night <customers>`.

Prints one JSON object: CPU seconds, seconds of wall time, peak memory in MB and what came of it.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb

from warehouse.build import create, fill
from warehouse.calendar import month_days, set_months
from warehouse.models import Model, models
from warehouse.reference.install import write
from warehouse.reference.rows import Row
from warehouse.reference.schema import TABLES

MONTH = date(2026, 11, 1)
DAYS = month_days(MONTH)
ACCOUNTS = 200_000
MEMORY_LIMIT = "700MB"  # of DuckDB; its process takes a quarter more
METERS = {"protected_bytes": "average", "external_bytes": "peak", "active_seats": "last"}
VALID = {"valid_from": date(2020, 1, 1), "valid_to": None}


def make(path: Path, customers: int) -> None:
    """Stage 18 million readings with ids as long as real ones, and map the accounts to `customers`."""
    with duckdb.connect(path, config={"threads": 2, "memory_limit": "4GB"}) as connection:
        create(connection, None)
        connection.execute(
            "CREATE TEMP TABLE reading AS SELECT number, meter, "
            "CAST(CAST(md5(concat('account', number)) AS UUID) AS VARCHAR) AS account_id, "
            "CAST(CAST(md5(concat('resource', number)) AS UUID) AS VARCHAR) AS resource_id "
            f"FROM range({ACCOUNTS}) AS account (number), (SELECT unnest(?)) AS metered (meter)",
            [list(METERS)],
        )
        instant = datetime(2026, 12, 1, tzinfo=UTC)
        for day in DAYS:
            pull_id = f"{day:%Y%m%d}00000000"
            connection.execute(
                "INSERT INTO ops.pull VALUES "
                "(?, 'redstor', 'default', 'consumption', ?, 'ok', 1, 1, NULL, 0, "
                "?, ?, NULL, NULL, '', 1, '', NULL, [])",
                [pull_id, day, instant, instant],
            )
            connection.execute(
                "INSERT INTO staging.usage_snapshot SELECT 'redstor', 'default', account_id, resource_id, "
                "concat('Server ', number), 'subscription', 'CloudBackup', meter, ?, "
                "CASE meter WHEN 'active_seats' THEN hash(number) % 50 "
                "ELSE hash(number, meter, ?) % 1000000000000 END, "
                "'bytes', number % 50 = 0, 'reported', ?, number FROM reading",
                [day, day.day, pull_id],
            )
        write(connection, reference())
        connection.execute(
            "INSERT INTO reference.account_mapping SELECT 'redstor', 'default', account_id, 'mapped', "
            "concat('customer-', number % ?), NULL, DATE '2020-01-01', NULL "
            "FROM reading WHERE meter = 'active_seats'",
            [customers],
        )


def reference() -> dict[str, list[Row]]:
    """How the three meters are sold."""
    stored = ["protected_bytes", "external_bytes"]
    tables = {
        "sku": [
            {"sku": name, "name": name, "service": "Backup", "unit": "GB" if name in stored else "seats"}
            | {"quantity_step": Decimal("0.001"), "rounding": "half", "tax_class": "standard"}
            for name in METERS
        ],
        "meter": [
            {"vendor": "redstor", "meter": name, "unit": "bytes" if name in stored else "seats"}
            | {"gap_policy": "carry", "min_coverage": Decimal(0), **VALID}
            for name in METERS
        ],
        "sku_mapping": [
            {"vendor": "redstor", "product": "*", "meter": name, "sku": name, "dimension": ""}
            | {"aggregation": how, "ratio": Decimal(1), **VALID}
            for name, how in METERS.items()
        ],
    }
    columns = {table.name: [column.name for column in table.columns] for table in TABLES}
    return {
        name: [Row(n, {**dict.fromkeys(columns[name]), **row}) for n, row in enumerate(rows, start=2)]
        for name, rows in tables.items()
    }


def meter(path: Path, days: list[date]) -> dict[str, float]:
    """Meter the month from staged readings when `days` of it were staged, as a build does."""
    with duckdb.connect(path, config={"threads": 2, "memory_limit": MEMORY_LIMIT}) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        began, cpu = time.perf_counter(), time.process_time()
        set_months(connection, [MONTH], DAYS[-1])
        for model in metering():
            for part in [[MONTH]] if model.is_monthly else [[day] for day in days]:
                fill(connection, model, part)
        cpu, wall = time.process_time() - cpu, time.perf_counter() - began
        (daily, records, unknown) = connection.execute(
            "SELECT (SELECT count(*) FROM billing.daily_usage), count(*), count(*) - count(quantity) "
            "FROM billing.usage_record"
        ).fetchone() or (0, 0, 0)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"cpu": cpu, "wall": wall, "peak_mb": peak, "daily": daily, "records": records, "unknown": unknown}


def metering() -> list[Model]:
    """What leads from staged readings to usage records."""
    wanted = {"billing.usage_record", "billing.unmapped_usage"}
    for model in reversed(models()):
        if model.name in wanted:
            wanted |= model.reads
    return [
        model
        for model in models()
        if model.name in wanted and model.name.startswith("billing.") and model.selects
    ]


if __name__ == "__main__":
    file, what, customers = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    if what == "make":
        make(file, customers)
    else:
        print(json.dumps(meter(file, DAYS if what == "meter" else DAYS[-1:])))  # read by the parent
