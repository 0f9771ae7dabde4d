"""A little world of readings, pulls and reference rows, and a warehouse in memory that metered it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa

from tests.warehouse.emptied import emptied
from warehouse import invariants
from warehouse.build import PULL, fill
from warehouse.calendar import set_months
from warehouse.models import models
from warehouse.reference.install import write
from warehouse.reference.rows import Row

LONG_AGO = date(2020, 1, 1)
API = ("acme", "default", "usage")
MORE = ("acme", "default", "more")
FILE = ("files", "monthly", "usage")
Source = tuple[str, str, str]


@dataclass(frozen=True)
class Reading:
    """One reading of the vendor acme, and the stream that told it."""

    day: date
    quantity: Decimal
    account: str = "a1"
    resource: str = "r1"
    product: str = "backup"
    meter: str = "used_bytes"
    is_trial: bool | None = None
    source: Source = API


@dataclass(frozen=True)
class Mapped:
    """Whose an account is from one day to another; excluded when there is a reason."""

    account: str
    customer: str | None
    valid_from: date = LONG_AGO
    valid_to: date | None = None
    reason: str | None = None


@dataclass(frozen=True)
class Sold:
    """As what a meter is sold, its gap policy and how its SKU is rounded."""

    aggregation: str
    meter: str = "used_bytes"
    product: str = "*"
    sku: str = "gb"
    dimension: str = ""
    unit: str = "bytes"
    sku_unit: str = "GB"
    ratio: Decimal = Decimal(1)
    step: Decimal = Decimal("0.000001")
    rounding: str = "half"
    gap_policy: str = "carry"
    min_coverage: Decimal = Decimal(0)
    percentile: int | None = None
    term_months: int | None = None
    valid_from: date = LONG_AGO
    valid_to: date | None = None


@dataclass(frozen=True)
class World:
    """Everything that metering reads.

    Attributes:
        pulled: days with a complete pull, by stream.
        zones: time zone of the billing entity of each customer; others have no terms.
    """

    pulled: dict[Source, set[date]]
    readings: list[Reading]
    sold: list[Sold]
    mapped: list[Mapped] = field(default_factory=lambda: [Mapped("a1", "c1")])
    zones: dict[str, str] = field(default_factory=lambda: {"c1": "UTC"})

    @property
    def landed(self) -> list[date]:
        """Every day on which anything was landed."""
        return sorted(set().union(*self.pulled.values()))


@contextmanager
def metered(world: World) -> Iterator[duckdb.DuckDBPyConnection]:
    """A warehouse in memory that metered the world, month after month."""
    with emptied() as connection:
        write(connection, reference(world))
        pulls = [pull(source, day) for source, days in world.pulled.items() for day in days]
        load(connection, "ops.pull", pulls, PULL)
        load(connection, "staging.usage_snapshot", [snapshot(r) for r in world.readings], SNAPSHOT)
        meter(connection, world.landed)
        yield connection


def meter(connection: duckdb.DuckDBPyConnection, landed: list[date]) -> None:
    """Fill what leads to usage records, as a build does."""
    wanted = {"billing.usage_record", "billing.unmapped_usage"}
    for model in reversed(models()):
        if model.name in wanted:
            wanted |= model.reads
    for month in sorted({day.replace(day=1) for day in landed}):
        set_months(connection, [month], landed[-1])
        for model in models():
            if model.name in wanted and model.name.startswith("billing.") and model.selects:
                days = [day for day in landed if day.replace(day=1) == month]
                fill(connection, model, [month] if model.is_monthly else days)
    invariants.verify(connection, landed)


def load(
    connection: duckdb.DuckDBPyConnection, table: str, rows: list[dict[str, Any]], schema: pa.Schema
) -> None:
    """Insert rows."""
    connection.register("incoming", pa.Table.from_pylist(rows, schema))
    connection.execute(f"INSERT INTO {table} BY NAME SELECT * FROM incoming")
    connection.unregister("incoming")


def pull(source: Source, day: date) -> dict[str, Any]:
    """A complete pull."""
    instant = datetime(2027, 1, 1, tzinfo=UTC)
    return {
        **dict.fromkeys(PULL.names, ""),
        **dict.fromkeys(("pages", "rows", "vendor_total", "quarantined"), 0),
        **dict(zip(("vendor", "connection", "stream"), source, strict=True)),
        "pull_id": "-".join([*source, str(day)]),
        "usage_date": day,
        "status": "ok",
        "version": 1,
        "unknown_fields": [],
        "started_at": instant,
        "finished_at": instant,
    }


SNAPSHOT = pa.schema(
    [
        *(
            (name, pa.string())
            for name in (
                "vendor",
                "connection",
                "account_id",
                "resource_id",
                "resource_name",
                "resource_type",
            )
        ),
        *((name, pa.string()) for name in ("product", "meter", "unit", "quality", "pull_id")),
        ("usage_date", pa.date32()),
        ("quantity", pa.decimal128(28, 9)),
        ("is_trial", pa.bool_()),
        ("row_no", pa.int64()),
    ]
)


def snapshot(reading: Reading) -> dict[str, Any]:
    """A reading as it is staged."""
    return {
        "vendor": "acme",
        "connection": "default",
        "account_id": reading.account,
        "resource_id": reading.resource,
        "resource_type": "subscription",
        "product": reading.product,
        "meter": reading.meter,
        "unit": "bytes",
        "quality": "reported",
        "pull_id": "-".join([*reading.source, str(reading.day)]),
        "usage_date": reading.day,
        "quantity": reading.quantity,
        "is_trial": reading.is_trial,
        "row_no": 0,
    }


def reference(world: World) -> dict[str, list[Row]]:
    """The rows of the reference tables."""
    valid = {"valid_from": LONG_AGO, "valid_to": None}
    skus = {sold.sku: sold for sold in world.sold}
    meters = {sold.meter: sold for sold in world.sold}
    zones = sorted(set(world.zones.values()))
    tables: dict[str, list[dict[str, Any]]] = {
        "billing_entity": [
            {
                "billing_entity_id": f"entity{n}",
                "name": "Us",
                "country": "NL",
                "currency": "EUR",
                "time_zone": zone,
                "invoice_prefix": "INV",
            }
            for n, zone in enumerate(zones)
        ],
        "customer": [
            {
                "customer_id": customer,
                "name": customer,
                "kind": "reseller",
                "bill_to": "self",
                "billing_entity_id": f"entity{zones.index(zone)}",
                "currency": "EUR",
                "rate_card": "card",
                "tax_code": "NL",
                **valid,
            }
            for customer, zone in world.zones.items()
        ],
        "account_mapping": [
            {
                "vendor": "acme",
                "connection": "default",
                "account_id": mapped.account,
                "state": "excluded" if mapped.reason else "mapped",
                "customer_id": mapped.customer,
                "reason": mapped.reason,
                "valid_from": mapped.valid_from,
                "valid_to": mapped.valid_to,
            }
            for mapped in world.mapped
        ],
        "sku": [
            {
                "sku": sku,
                "name": sku,
                "service": "Backup",
                "unit": sold.sku_unit,
                "quantity_step": sold.step,
                "rounding": sold.rounding,
            }
            for sku, sold in skus.items()
        ],
        "meter": [
            {
                "vendor": "acme",
                "meter": name,
                "unit": sold.unit,
                "gap_policy": sold.gap_policy,
                "min_coverage": sold.min_coverage,
                **valid,
            }
            for name, sold in meters.items()
        ],
        "sku_mapping": [
            {
                name: getattr(sold, name)
                for name in (
                    *("product", "meter", "sku", "dimension", "aggregation", "percentile"),
                    *("term_months", "ratio", "valid_from", "valid_to"),
                )
            }
            | {"vendor": "acme"}
            for sold in world.sold
        ],
    }
    return {name: [Row(n, row) for n, row in enumerate(rows, start=2)] for name, rows in tables.items()}
