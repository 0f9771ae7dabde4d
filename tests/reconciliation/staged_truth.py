"""What the sandbox's world knows of some days, as the staging tables that its vendors' answers would fill."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from operator import attrgetter
from typing import Any

import duckdb
import pyarrow as pa

from connectors.sandbox.infrascale_truth import (
    infrascale_accounts,
    infrascale_history,
    infrascale_readings,
    infrascale_totals,
)
from connectors.sandbox.plants.plant import InvoiceLine
from connectors.sandbox.redstor_truth import (
    redstor_accounts,
    redstor_readings,
    redstor_statuses,
    redstor_subscriptions,
    redstor_totals,
)
from connectors.sandbox.resellerclub.truth import (
    resellerclub_accounts,
    resellerclub_prices,
    resellerclub_readings,
    resellerclub_subscriptions,
    resellerclub_totals,
    resellerclub_transactions,
)
from connectors.sandbox.revirt365.truth import revirt365_accounts, revirt365_readings, revirt365_sessions
from connectors.sandbox.world import World
from connectors.sandbox.xopero.truth import (
    xopero_accounts,
    xopero_prices,
    xopero_readings,
    xopero_subscriptions,
    xopero_totals,
)
from connectors.vendor import vendors
from warehouse.build import PULL

# Beyond those of the same pull that are there already.
ROW_NO = "row_number() OVER () + (SELECT count(*) FROM {table}) AS row_no"
TEXT, DAY, TRUTH = pa.string(), pa.date32(), pa.bool_()
Told = Callable[[World, date], Iterable[Any]]
"""The rows of a day, as one vendor's truth has them."""
Stream = str | Callable[[Any], str]
"""Which stream tells a row."""


@dataclass(frozen=True)
class Part:
    """One staging table.

    Attributes:
        types: of the columns that are taken from the truth, by name.
        vendors: what each of them tells, and through which stream.
        more: SQL of the columns that the truth does not have.
    """

    types: dict[str, pa.DataType]
    vendors: dict[str, tuple[Told, Stream]]
    more: str = ""


_RESOURCES = {
    "backup_account": "accounts",
    "license": "licenses",
    "cloud_service": "cloud_usage",
    "appliance": "appliances",
}
_OWN_STREAM = attrgetter("stream")
PARTS = {
    "usage_snapshot": Part(
        {
            **dict.fromkeys(("account_id", "resource_id", "resource_name", "resource_type"), TEXT),
            **dict.fromkeys(("product", "meter", "unit"), TEXT),
            "quantity": pa.int64(),
            "is_trial": TRUTH,
        },
        {
            "infrascale": (
                lambda world, day: infrascale_readings(world.infrascale(day)),
                lambda row: _RESOURCES[row.resource_type],
            ),
            "redstor": (lambda world, day: redstor_readings(world.redstor(day)), "consumption"),
            "xopero": (lambda world, day: xopero_readings(world.xopero(day)), "customer_usage"),
            "resellerclub": (
                lambda world, day: resellerclub_readings(world.resellerclub(day), world.zone),
                "orders",
            ),
            "revirt365": (lambda world, day: revirt365_readings(world.revirt365(day)), "usage"),
        },
        "'reported' AS quality, " + ROW_NO,
    ),
    "vendor_account": Part(
        dict.fromkeys(("account_id", "parent_account_id", "name", "account_type", "status"), TEXT)
        | {"is_active": TRUTH},
        {
            "infrascale": (lambda world, day: infrascale_accounts(world.infrascale(day)), "entities"),
            "redstor": (lambda world, day: redstor_accounts(world.redstor(day)), "companies"),
            "xopero": (
                lambda world, day: xopero_accounts(world.xopero(day)),
                lambda row: f"{row.account_type}s",
            ),
            "resellerclub": (lambda world, day: resellerclub_accounts(world.resellerclub(day)), "customers"),
            "revirt365": (lambda world, day: revirt365_accounts(world.revirt365(day)), "customers"),
        },
    ),
    "history_event": Part(
        {
            **dict.fromkeys(("account_id", "resource_id", "event_type", "status", "occurred_at_zone"), TEXT),
            "occurred_at": pa.timestamp("us"),
            **dict.fromkeys(("uploaded_bytes", "duration_seconds"), pa.int64()),
        },
        {
            "infrascale": (
                lambda world, day: infrascale_history(world.events_of(day), day),
                "history_events",
            ),
            "redstor": (
                lambda world, day: redstor_statuses(world.redstor(day), day, world.zone),
                "backup_status",
            ),
            "revirt365": (lambda world, day: revirt365_sessions(world.revirt365(day), day), "sessions"),
        },
        ROW_NO,
    ),
    "subscription": Part(
        {
            **dict.fromkeys(("account_id", "subscription_id", "product", "plan", "status", "unit"), TEXT),
            "is_trial": TRUTH,
            "quantity": pa.int64(),
            **dict.fromkeys(("started_on", "ends_on"), DAY),
        },
        {
            "redstor": (lambda world, day: redstor_subscriptions(world.redstor(day)), "subscriptions"),
            "xopero": (lambda world, day: xopero_subscriptions(world.xopero(day)), "subscriptions"),
            "resellerclub": (
                lambda world, day: resellerclub_subscriptions(world.resellerclub(day), world.zone),
                "orders",
            ),
        },
    ),
    "vendor_total": Part(
        {
            **dict.fromkeys(("scope", "account_id", "resource_id", "resource_type", "meter"), TEXT),
            **dict.fromkeys(("unit", "stream"), TEXT),
            "quantity": pa.decimal128(28, 9),
        },
        {
            "infrascale": (
                lambda world, day: infrascale_totals(world.infrascale(day)),
                lambda row: str(row.stream),
            ),
            "redstor": (lambda world, day: redstor_totals(world.redstor(day)), "consumption_summary"),
            "xopero": (lambda world, day: xopero_totals(world.xopero(day)), "customer_usage"),
            "resellerclub": (lambda world, day: resellerclub_totals(world.resellerclub(day)), "balance"),
        },
        "row_number() OVER () AS row_no",
    ),
    "vendor_price": Part(
        {
            **dict.fromkeys(("product", "plan", "price_kind", "currency"), TEXT),
            "term_months": pa.int32(),
            "price": pa.decimal128(17, 9),
        },
        {
            "xopero": (lambda _, __: xopero_prices(), "available_products"),
            "resellerclub": (
                lambda _, day: resellerclub_prices(day),
                lambda row: "cost_prices" if row.price_kind == "cost" else "customer_prices",
            ),
        },
    ),
    "vendor_transaction": Part(
        {
            **dict.fromkeys(("transaction_id", "kind", "order_id", "product", "currency"), TEXT),
            "occurred_at": pa.timestamp("us", "UTC"),
            **dict.fromkeys(("amount", "tax_amount"), pa.decimal128(18, 4)),
            "description": TEXT,
        },
        {
            "resellerclub": (
                lambda world, day: resellerclub_transactions(world.resellerclub(day), world.zone),
                "transactions",
            )
        },
    ),
    "vendor_total": Part(
        {
            **dict.fromkeys(("scope", "account_id", "resource_id", "resource_type", "meter"), TEXT),
            **dict.fromkeys(("unit", "stream"), TEXT),
            "quantity": pa.decimal128(28, 9),
        },
        {
            "infrascale": (lambda world, day: infrascale_totals(world.infrascale(day)), _OWN_STREAM),
            "redstor": (lambda world, day: redstor_totals(world.redstor(day)), _OWN_STREAM),
            "xopero": (lambda world, day: xopero_totals(world.xopero(day)), _OWN_STREAM),
            "resellerclub": (lambda world, day: resellerclub_totals(world.resellerclub(day)), _OWN_STREAM),
        },
        ROW_NO,
    ),
}


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
