"""A shop whose usage is rated by hand: what a test adds, and what it asks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb

from tests.warehouse.rated import Reference, broken, prepare, rate
from warehouse.build import create

OCTOBER, NOVEMBER, DECEMBER = date(2026, 10, 1), date(2026, 11, 1), date(2026, 12, 1)
MIDDLE = date(2026, 10, 16)
Row = dict[str, Any]


@contextmanager
def empty_warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    """For one shop after the other."""
    with duckdb.connect() as connection:
        create(connection, None)
        connection.execute("SET threads = 1")
        yield connection


class Shop:
    """A billing entity with one customer, ann, her subsidiary bob, and what a test adds."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        self.reference: Reference = {
            "billing_entity": [
                {"billing_entity_id": "us", "name": "Us", "country": "NL", "currency": "EUR"}
                | {"time_zone": "Europe/Amsterdam", "invoice_prefix": "US"}
            ],
            "customer": [
                {"customer_id": "ann", "name": "Ann", "kind": "reseller", "bill_to": "self"}
                | {"billing_entity_id": "us", "currency": "EUR", "rate_card": "sell", "tax_code": "NL"},
                {"customer_id": "bob", "name": "Bob", "kind": "end_customer", "bill_to": "parent"}
                | {"parent_customer_id": "ann"},
            ],
            "sku": [
                {"sku": sku, "name": sku.title(), "service": "Backup", "unit": "GB"}
                for sku in ("disk", "tape", "care")
            ],
            "rate_card": [
                {"rate_card": "sell", "name": "Sell", "currency": "EUR"},
                {"rate_card": "buy", "name": "Buy", "currency": "EUR", "side": "cost"},
            ],
        }
        self.usage: list[Row] = []
        # Charges of an earlier test are of months that this one may not rate.
        for table in ("charge", "charge_usage", "usage_cost", "customer_terms"):
            connection.execute(f"DELETE FROM billing.{table}")

    def has(self, table: str, **cells: Any) -> None:
        """One more row of a reference table, numbers as text."""
        row = {
            name: Decimal(cell)
            if isinstance(cell, str) and cell.lstrip("-").replace(".", "").isdigit()
            else cell
            for name, cell in cells.items()
        }
        self.reference.setdefault(table, []).append(row)

    def price(self, sku: str = "disk", model: str = "per_unit", **cells: Any) -> None:
        """A price, or a tier, on the card that ann buys by."""
        self.has("rate", **{"rate_card": "sell", "sku": sku, "model": model, **cells})

    def cost(self, sku: str = "disk", model: str = "per_unit", **cells: Any) -> None:
        """A price on the vendor's card."""
        self.has("rate", **{"rate_card": "buy", "sku": sku, "model": model, **cells})
        if "vendor_terms" not in self.reference:
            self.has("vendor_terms", vendor="acme", connection="default", rate_card="buy")

    def used(self, quantity: str | None, sku: str = "disk", customer: str = "ann", **cells: Any) -> None:
        """A usage record."""
        record = {
            "usage_record_id": f"u{len(self.usage)}",
            "month": OCTOBER,
            "customer_id": customer,
            "sku": sku,
            "quantity": None if quantity is None else Decimal(quantity),
        }
        self.usage.append(record | cells)

    def ask(self, sql: str, *months: date) -> list[tuple[Any, ...]]:
        """Rate, and query; decimals as text without the zeros that end it."""
        prepare(self.connection, self.reference, self.usage)
        rate(self.connection, months or [OCTOBER])
        assert broken(self.connection) == []
        return [tuple(plain(cell) for cell in row) for row in self.connection.execute(sql).fetchall()]

    def charges(self, columns: str = "kind, tier_no, quantity, unit_price, exact_amount") -> list[Any]:
        """October's charges in order."""
        order = "customer_id, sku, dimension, service_period_start, tier_no, kind, unit DESC"
        return self.ask(f"SELECT {columns} FROM billing.charge ORDER BY {order}")

    def amounts(self) -> list[str]:
        """What October's charges come to."""
        return [amount for (amount,) in self.charges("exact_amount")]


def plain(cell: Any) -> Any:
    """A decimal as text without the zeros that end it; anything else as it is."""
    return f"{cell.normalize():f}" if isinstance(cell, Decimal) else cell
