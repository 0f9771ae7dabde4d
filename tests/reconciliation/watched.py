"""A month of vendors that tell more than usage: backups, subscriptions, sums of their own, a balance."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa

from tests.reconciliation.checked import Finding
from tests.reconciliation.told import OCTOBER, SOLD, Told
from tests.warehouse.metered_world import load
from warehouse.calendar import month_days

GB = 10**9
STREAMS = {
    "infrascale": ("accounts", "history_events"),
    "redstor": ("consumption", "subscriptions", "backup_status"),
    "xopero": ("customer_usage",),
    "resellerclub": ("balance", "transactions"),
    "revirt365": ("usage", "sessions"),
}
METERS = (
    ("infrascale", "used_bytes", "bytes", "disk"),
    ("redstor", "active_seats", "seats", "seat"),
    ("redstor", "protected_bytes", "bytes", "disk"),
    ("xopero", "used_bytes", "bytes", "disk"),
    ("revirt365", "active_seats", "seats", "seat"),
    ("revirt365", "protected_bytes", "bytes", "disk"),
)
RESOURCES = {
    "infrascale": "backup_account",
    "redstor": "subscription",
    "xopero": "account",
    "revirt365": "customer",
}
UNITS = {"active_seats": "seats", "inactive_seats": "seats"}
TEXT = pa.string()
WHOSE: dict[str, pa.DataType] = dict.fromkeys(("vendor", "connection", "account_id"), TEXT)
WHEN = {"usage_date": pa.date32(), "pull_id": TEXT}
QUANTITY = pa.decimal128(28, 9)
SCHEMAS = {
    "history_event": pa.schema(
        WHOSE
        | dict.fromkeys(("resource_id", "event_type", "status", "occurred_at_zone", "detail"), TEXT)
        | {"uploaded_bytes": pa.int64(), "occurred_at": pa.timestamp("us"), "row_no": pa.int64()}
        | WHEN
    ),
    "subscription": pa.schema(
        WHOSE
        | dict.fromkeys(("subscription_id", "product", "status"), TEXT)
        | {"is_trial": pa.bool_()}
        | WHEN
    ),
    "vendor_total": pa.schema(
        WHOSE
        | dict.fromkeys(("scope", "resource_id", "resource_type", "meter", "unit", "stream"), TEXT)
        | {"quantity": QUANTITY, "row_no": pa.int64()}
        | WHEN
    ),
    "vendor_transaction": pa.schema(
        dict.fromkeys(("vendor", "connection", "transaction_id", "kind", "currency"), TEXT)
        | {"occurred_at": pa.timestamp("us", "UTC"), "amount": pa.decimal128(18, 4)}
        | WHEN
    ),
}


class Watched(Told):
    """Account a is ann's and b is bob's at every vendor. A seat is 2 EUR at its peak, a GB 0.10 on average.

    Every day of October is pulled, of every stream that the checks ask for.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        super().__init__(connection)
        self.rows: dict[str, list[dict[str, Any]]] = {table: [] for table in SCHEMAS}
        for vendor, streams in STREAMS.items():
            self.map("a", "ann", vendor=vendor)
            self.map("b", "bob", vendor=vendor)
            self.pulled(*streams, vendor=vendor)
        for vendor, meter, unit, sku in METERS:
            aggregation = "average" if unit == "bytes" else "peak"
            self.has("meter", {"vendor": vendor, "meter": meter, "unit": unit})
            self.has(
                "sku_mapping",
                SOLD | {"vendor": vendor, "meter": meter, "sku": sku, "aggregation": aggregation},
            )

    def uses(
        self,
        vendor: str,
        quantity: Decimal | int,
        meter: str = "used_bytes",
        account: str = "a",
        resource: str = "r",
        **cells: Any,
    ) -> None:
        """A reading, on every day of October unless `days` are given."""
        self.told(
            quantity,
            account,
            vendor=vendor,
            stream=STREAMS[vendor][0],
            meter=meter,
            unit=UNITS.get(meter, "bytes"),
            resource_id=resource,
            resource_type=cells.pop("resource_type", RESOURCES[vendor]),
            **cells,
        )

    def backs_up(
        self,
        vendor: str,
        resource: str,
        status: str,
        *,
        days: Collection[date] = (),
        account: str = "a",
        uploaded: int | None = None,
        detail: str | None = None,
    ) -> None:
        """A backup a day: its status as the vendor writes it."""
        kinds = {"infrascale": "BackupCompleted", "redstor": "backup_status", "revirt365": "backup"}
        for day in days or month_days(OCTOBER):
            self._add(
                "history_event",
                vendor,
                day,
                account_id=account,
                resource_id=resource,
                event_type=kinds[vendor],
                status=status,
                occurred_at=datetime(day.year, day.month, day.day, 20),
                occurred_at_zone="utc",
                uploaded_bytes=uploaded,
                detail=detail,
            )

    def holds(
        self,
        subscription: str = "r",
        *,
        days: Collection[date] = (),
        status: str = "active",
        is_trial: bool = False,
    ) -> None:
        """A subscription of product 4 at Redstor, on every day of October unless it is said otherwise."""
        for day in days or month_days(OCTOBER):
            self._add(
                "subscription",
                "redstor",
                day,
                account_id="a",
                subscription_id=subscription,
                product="product-4",
                status=status,
                is_trial=is_trial,
            )

    def sums(
        self,
        vendor: str,
        quantity: Decimal | int,
        scope: str = "account",
        account: str | None = "a",
        *,
        days: Collection[date] = (),
        **cells: Any,
    ) -> None:
        """A sum of the vendor's, of used bytes on every day of October unless it is said otherwise."""
        for day in days or month_days(OCTOBER):
            self._add(
                "vendor_total",
                vendor,
                day,
                **{
                    "scope": scope,
                    "account_id": account,
                    "resource_type": RESOURCES.get(vendor),
                    "meter": "used_bytes",
                    "unit": "bytes",
                    "stream": "sums",
                    "quantity": Decimal(quantity),
                    **cells,
                },
            )

    def pays(self, amount: Decimal | int, day: date) -> None:
        """A transaction at ResellerClub."""
        self._add(
            "vendor_transaction",
            "resellerclub",
            day,
            transaction_id=f"t{len(self.rows['vendor_transaction'])}",
            kind="invoice",
            currency="EUR",
            amount=Decimal(amount),
            occurred_at=datetime(day.year, day.month, day.day),
        )

    def findings(self, check: str, *months: date) -> list[Finding]:
        """As in `Told`."""
        for table, rows in self.rows.items():
            load(self.connection, f"staging.{table}", rows, SCHEMAS[table])
        return super().findings(check, *months)

    def _add(self, table: str, vendor: str, day: date, **cells: Any) -> None:
        row = {"vendor": vendor, "connection": "default", "usage_date": day, "pull_id": f"{table}-{day}"}
        self.rows[table].append(row | {"row_no": 0} | cells)
