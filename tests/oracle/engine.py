"""The warehouse in memory that bills many worlds at once, and what it says of each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from itertools import chain
from typing import Any

import duckdb
import pyarrow as pa

from tests.oracle.world import World, days_of
from warehouse import invariants
from warehouse.build import PULL, create, fill
from warehouse.calendar import set_months
from warehouse.models import models
from warehouse.reference import cells
from warehouse.reference.install import write
from warehouse.reference.rows import Row, Rows
from warehouse.reference.rules import mistakes_between
from warehouse.reference.schema import TABLES

SHARED = ("billing_entity", "fx_rate")
INSTANT = datetime(2030, 1, 1, tzinfo=UTC)
SNAPSHOT = pa.schema(
    [
        *((name, pa.string()) for name in ("vendor", "connection", "account_id", "resource_id", "product")),
        *((name, pa.string()) for name in ("resource_type", "meter", "unit", "quality", "pull_id")),
        ("usage_date", pa.date32()),
        ("quantity", pa.decimal128(28, 9)),
        ("is_trial", pa.bool_()),
        ("row_no", pa.int64()),
    ]
)


@contextmanager
def billed(worlds: Sequence[World], *, at_once: bool) -> Iterator[duckdb.DuckDBPyConnection]:
    """A warehouse that billed the months of the worlds, one after another or set-wise.

    Raises:
        AssertionError: the reference is not one that the loader would accept.
    """
    rows = reference(worlds)
    assert not (mistakes := mistakes_between(rows)), "\n".join(map(str, mistakes[:5]))
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("SET threads = 1")
        create(connection, None)
        write(connection, rows)
        _load(connection, "ops.pull", [pull for world in worlds for pull in _pulls(world)], PULL)
        snapshots = [row for world in worlds for row in _snapshots(world)]
        _load(connection, "staging.usage_snapshot", snapshots, SNAPSHOT)
        months = worlds[0].months
        for group in [months] if at_once else [(month,) for month in months]:
            _bill(connection, group, worlds[0].latest)
        yield connection


def reference(worlds: Sequence[World]) -> Rows:
    """The reference tables of all of them, as the loader hands them over."""
    found: Rows = {}
    for table in TABLES:
        families = worlds[:1] if table.name in SHARED else worlds
        given = chain.from_iterable(world.rows(table.name) for world in families)
        defaults = {column.name: cells.default(column) for column in table.columns}
        found[table.name] = [
            Row(
                n,
                {name: empty if row.get(name) is None else row[name] for name, empty in defaults.items()},
                frozenset(name for name in defaults if row.get(name) is None),
            )
            for n, row in enumerate(given, start=2)
        ]
    return found


def _bill(connection: duckdb.DuckDBPyConnection, months: Sequence[date], latest: date) -> None:
    set_months(connection, months, latest)
    days = [
        day
        for (day,) in connection.execute("SELECT DISTINCT usage_date FROM ops.pull ORDER BY 1").fetchall()
        if day.replace(day=1) in months
    ]
    for model in models():
        if model.name.startswith("billing.") and model.selects:
            fill(connection, model, months if model.is_monthly else days)
    invariants.verify(connection, months)


def _load(
    connection: duckdb.DuckDBPyConnection, table: str, rows: list[dict[str, Any]], schema: pa.Schema
) -> None:
    columns = {name: [row.get(name) for row in rows] for name in schema.names}
    connection.register("incoming", pa.table(columns, schema))
    connection.execute(f"INSERT INTO {table} BY NAME SELECT * FROM incoming")
    connection.unregister("incoming")


def _pulls(world: World) -> Iterator[dict[str, Any]]:
    common = {
        **dict.fromkeys(("responses_path", "rows_path", "sha256", "reason"), ""),
        **dict.fromkeys(("pages", "rows", "quarantined"), 0),
        "unknown_fields": [],
        "started_at": INSTANT,
        "finished_at": INSTANT,
    }
    days = [day for month in world.months for day in days_of(month) if day <= world.latest]
    for source, complete in world.pulled.items():
        for day in days:
            if day in complete or day.day % 2:  # one that failed is as good as none
                vendor, connection, stream = source
                yield {
                    **common,
                    "vendor": vendor,
                    "connection": connection,
                    "stream": stream,
                    "pull_id": f"{'-'.join(source)}-{day}",
                    "usage_date": day,
                    "status": "ok" if day in complete else "failed",
                    "version": int(day in complete),
                }


def _snapshots(world: World) -> Iterator[dict[str, Any]]:
    for reading in world.readings:
        yield {
            "vendor": reading.source[0],
            "connection": reading.source[1],
            "account_id": reading.account,
            "resource_id": reading.resource,
            "resource_type": "subscription",
            "product": reading.product,
            "meter": reading.meter,
            "unit": reading.unit,
            "quality": "reported",
            "pull_id": f"{'-'.join(reading.source)}-{reading.day}",
            "usage_date": reading.day,
            "quantity": reading.quantity,
            "is_trial": reading.trial,
            "row_no": 0,
        }


class Answer:
    """The tables of the warehouse, read once, by family, whose name every code of it ends with."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._tables: dict[str, list[dict[str, Any]]] = {}
        self._groups: dict[tuple[str, str], dict[str, list[dict[str, Any]]]] = {}

    def everything(self, table: str) -> list[dict[str, Any]]:
        """All rows."""
        if table not in self._tables:
            answer = self._connection.execute(f"SELECT * FROM billing.{table}")
            names = [column[0] for column in answer.description or ()]
            self._tables[table] = [dict(zip(names, cells, strict=True)) for cells in answer.fetchall()]
        return self._tables[table]

    def rows(self, table: str, column: str, value: str) -> list[dict[str, Any]]:
        """The rows with this value; of a code, those of the family of this name."""
        if (table, column) not in self._groups:
            groups = self._groups[table, column] = defaultdict(list)
            for row in self.everything(table):
                groups[str(row[column]).rpartition("-")[2]].append(row)
        return self._groups[table, column].get(value, [])
