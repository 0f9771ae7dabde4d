"""A warehouse in memory that rates usage records which a test writes itself."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import duckdb
import pyarrow as pa

from warehouse.build import create, fill
from warehouse.calendar import set_months
from warehouse.models import SQL, Model, models
from warehouse.reference.install import write
from warehouse.reference.rows import Row

LONG_AGO = date(2020, 1, 1)
METERED = "billing.usage_record"
TERMS = "billing.customer_terms"
INVARIANTS = ("tiers_use_up_the_quantity", "costs_are_shared_out")
RESULTS = {"billing.charge", "billing.uncharged_usage"}

USAGE_RECORD = pa.schema(
    [
        *(
            (name, pa.string())
            for name in ("usage_record_id", "customer_id", "vendor", "connection", "meter")
        ),
        *((name, pa.string()) for name in ("sku", "dimension", "not_billable_reason", "aggregation")),
        *((name, pa.string()) for name in ("gap_policy", "why_unknown")),
        ("month", pa.date32()),
        *((name, pa.bool_()) for name in ("billable", "on_trial")),
        ("quantity", pa.decimal128(20, 6)),
        *((name, pa.int32()) for name in ("days_expected", "days_reported", "days_filled", "owner", "sold")),
        ("readings", pa.int64()),
    ]
)
RECORD: dict[str, Any] = {
    "vendor": "acme",
    "connection": "default",
    "meter": "used",
    "dimension": "",
    "billable": True,
    "aggregation": "peak",
    "gap_policy": "carry",
    "days_expected": 30,
    "days_reported": 30,
    "days_filled": 0,
    "readings": 30,
    "owner": 1,
    "on_trial": False,
    "sold": 1,
}

Reference = dict[str, list[dict[str, Any]]]


def rating() -> list[Model]:
    """The models between usage records and charges, in order."""
    metering = (_leading_to({METERED}) | {METERED}) - {TERMS}
    needed = (_leading_to(RESULTS) | RESULTS) - metering
    return [model for model in models() if model.name in needed and model.selects]


def _leading_to(names: set[str]) -> set[str]:
    found = set(names)
    for model in reversed(models()):
        if model.name in found:
            found |= model.reads
    return found


@contextmanager
def rated(
    reference: Reference, usage: Iterable[dict[str, Any]], months: Collection[date]
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A warehouse with `usage` rated by `reference`, all `months` at once."""
    with duckdb.connect() as connection:
        create(connection, None)
        connection.execute("SET threads = 1")
        prepare(connection, reference, usage)
        rate(connection, months)
        yield connection


def prepare(
    connection: duckdb.DuckDBPyConnection, reference: Reference, usage: Iterable[dict[str, Any]]
) -> None:
    """Put reference tables and usage records in place of those that are there."""
    write(
        connection,
        {
            table: [Row(n, {"valid_from": LONG_AGO, **row}) for n, row in enumerate(rows, start=2)]
            for table, rows in reference.items()
        },
    )
    connection.execute("DELETE FROM billing.usage_record")
    cells = [{**RECORD, **row} for row in usage]
    connection.register("incoming", pa.Table.from_pylist(cells, USAGE_RECORD))
    connection.execute("INSERT INTO billing.usage_record BY NAME SELECT * FROM incoming")
    connection.unregister("incoming")


def rate(connection: duckdb.DuckDBPyConnection, months: Collection[date]) -> None:
    """Fill everything from the terms to the charges for `months`, in one go."""
    set_months(connection, months, max(months))
    for model in rating():
        fill(connection, model, months)


def broken(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Tables of rating whose key is not unique, and invariants of rating that do not hold."""
    repeated = [
        model.name
        for model in rating()
        if connection.execute(
            f"SELECT 1 FROM {model.name} GROUP BY {', '.join(model.key)} HAVING count(*) > 1"
        ).fetchone()
    ]
    queries = {name: (SQL / "invariant" / f"{name}.sql").read_text().split("\n", 1)[1] for name in INVARIANTS}
    return [*repeated, *(name for name, query in queries.items() if connection.execute(query).fetchone())]
