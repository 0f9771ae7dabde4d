"""What the sandbox's world knows of some days, as the staging tables that its vendors' answers would fill."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import duckdb
import pyarrow as pa

from connectors.sandbox.plants.plant import InvoiceLine
from connectors.sandbox.world import World
from connectors.vendor import vendors
from tests.reconciliation.parts import DAY, PARTS, TEXT
from warehouse.build import PULL

Asked = tuple[str, str, date]
"""Vendor, stream and day of a pull."""
Row = tuple[Asked, Any]
Rows = dict[tuple[str, str], list[Row]]
"""By vendor and table."""


@contextmanager
def uncollected() -> Iterator[None]:
    """Without the collector: of rows by the million, which hold nothing, it takes most of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def told(world: World, days: Collection[date], names: Collection[str]) -> Rows:
    """What some vendors tell on these days."""
    with uncollected():
        return {
            (vendor, table): [
                ((vendor, stream if isinstance(stream, str) else stream(row), day), row)
                for day in days
                for row in truth(world, day)
            ]
            for table, part in PARTS.items()
            for vendor, (truth, stream) in part.vendors.items()
            if vendor in names
        }


def stage(
    connection: duckdb.DuckDBPyConnection, world: World, days: Collection[date], names: Collection[str]
) -> None:
    """Fill the staging tables with what some vendors tell, and `ops.pull` with a complete pull of each of
    their streams.

    Parameters:
        connection: a warehouse that has nothing of those vendors.
    """
    counts = _none_yet(names, days)
    for day in days:
        for (_, table), found in told(world, [day], names).items():
            _insert(connection, table, found)
            counts.update(pull for pull, _ in found)
    _pulls(connection, counts)


def stage_again(
    connection: duckdb.DuckDBPyConnection, before: Rows, after: Rows, days: Collection[date]
) -> None:
    """Bring the staging tables from what vendors told before to what they tell now."""
    for (vendor, table), found in after.items():
        old, new = set(before[vendor, table]), set(found)
        if old == new:
            continue
        # Of the accounts that are told otherwise, everything.
        touched = {getattr(row, "account_id", None) for _, row in old ^ new}
        own = f"DELETE FROM staging.{table} WHERE vendor = '{vendor}'"
        if None in touched:
            connection.execute(own)
            _insert(connection, table, found)
        else:
            connection.execute(f"{own} AND account_id IN (SELECT unnest(?))", [[*touched]])
            _insert(connection, table, [row for row in found if row[1].account_id in touched])
    counts = _none_yet({vendor for vendor, _ in after}, days)
    counts.update(pull for found in after.values() for pull, _ in found)
    _pulls(connection, counts)


def _none_yet(names: Collection[str], days: Collection[date]) -> Counter[Asked]:
    """Every stream of these vendors and day, with no row."""
    return Counter(
        {(name, stream.name, day): 0 for name in names for stream in vendors()[name].streams for day in days}
    )


def _insert(connection: duckdb.DuckDBPyConnection, table: str, found: list[Row]) -> None:
    if found:
        part = PARTS[table]
        pulls, rows = zip(*found, strict=True)
        columns = dict(zip(rows[0]._fields, zip(*rows, strict=True), strict=True))
        given = {
            "vendor": pa.array([vendor for vendor, _, _ in pulls], TEXT),
            "pull_id": pa.array([pull_id(*pull) for pull in pulls], TEXT),
            "usage_date": pa.array([day for _, _, day in pulls], DAY),
        }
        taken = {name: pa.array(columns[name], kind) for name, kind in part.types.items()}
        more = part.more.format(table=f"staging.{table}")
        _append(connection, f"staging.{table}", pa.table(given | taken), "'default' AS connection", more)


def stage_invoice(
    connection: duckdb.DuckDBPyConnection, vendor: str, month: date, lines: Iterable[InvoiceLine]
) -> None:
    """Fill `staging.vendor_transaction` with an invoice of a vendor that somebody brought for a month."""
    asked = ("files", "invoices", month)
    rows = [
        {
            **line._asdict(),
            "vendor": vendor,
            "connection": "default",
            "transaction_id": f"{line.number}-{n}",
            "occurred_at": datetime.combine(line.issued_on, time(), UTC),
            "kind": "invoice_line",
            "document_number": line.number,
            "usage_date": month,
            "pull_id": f"{pull_id(*asked)}-{vendor}",
            "row_no": n,
        }
        for n, line in enumerate(lines)
    ]
    columns = ", ".join(rows[0].keys() - {"number", "issued_on"})
    connection.register("incoming", pa.Table.from_pylist(rows))
    connection.execute(f"INSERT INTO staging.vendor_transaction BY NAME SELECT {columns} FROM incoming")
    connection.unregister("incoming")
    pull = {**_pull(*asked, len(rows)), "connection": vendor, "pull_id": f"{pull_id(*asked)}-{vendor}"}
    _append(connection, "ops.pull", pa.Table.from_pylist([pull], PULL))


def _pulls(connection: duckdb.DuckDBPyConnection, counts: Counter[Asked]) -> None:
    names = {vendor for vendor, _, _ in counts}
    connection.execute("DELETE FROM ops.pull WHERE vendor IN (SELECT unnest(?))", [[*names]])
    made = [_pull(*pull, rows) for pull, rows in counts.items()]
    _append(connection, "ops.pull", pa.Table.from_pylist(made, PULL))


def pull_id(vendor: str, stream: str, day: date) -> str:
    """Of the pull of one stream and day."""
    return f"{vendor}-{stream}-{day}"


def _pull(vendor: str, stream: str, day: date, rows: int) -> dict[str, Any]:
    """A pull that was made at two o'clock in the night after its day."""
    instant = datetime.combine(day + timedelta(days=1), time(2), UTC)
    return {
        **dict.fromkeys(PULL.names, ""),
        "pull_id": pull_id(vendor, stream, day),
        "vendor": vendor,
        "connection": "default",
        "stream": stream,
        "usage_date": day,
        "status": "ok",
        "pages": 1,
        "rows": rows,
        "vendor_total": None,
        "quarantined": 0,
        "started_at": instant,
        "finished_at": instant + timedelta(minutes=1),
        "version": 1,
        "quarantine_path": None,
        "unknown_fields": [],
    }


def _append(connection: duckdb.DuckDBPyConnection, table: str, rows: pa.Table, *more: str) -> None:
    connection.register("incoming", rows)
    columns = ", ".join(["*", *filter(None, more)])
    connection.execute(f"INSERT INTO {table} BY NAME SELECT {columns} FROM incoming")
    connection.unregister("incoming")
