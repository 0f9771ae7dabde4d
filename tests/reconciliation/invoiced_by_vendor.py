"""Lines of a vendor's invoice, written to staging by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import duckdb

from tests.reconciliation.told import OCTOBER
from warehouse.calendar import month_after

COUNT = "SELECT count(*) FROM staging.vendor_transaction"


def charge(
    connection: duckdb.DuckDBPyConnection,
    amount: Decimal | str,
    quantity: Decimal | str | None = None,
    *,
    account: str | None = "a",
    month: date = OCTOBER,
    **cells: Any,
) -> None:
    """One line of an invoice of acme that was brought for a month: seats of it, unless said otherwise."""
    ((number,),) = connection.execute(COUNT).fetchall()
    line = {
        "vendor": "acme",
        "connection": "default",
        "transaction_id": f"A-1/{number}",
        "occurred_at": datetime.combine(month_after(month), time(), UTC),
        "kind": "invoice_line",
        "document_number": "A-1",
        "account_id": account,
        "product": "Seat",
        "sku": "seat",
        "quantity": None if quantity is None else Decimal(quantity),
        "unit": "seats",
        "currency": "EUR",
        "amount": Decimal(amount),
        "service_start": month,
        "service_end": month_after(month),
        "usage_date": month,
        "pull_id": "invoice",
        "row_no": number,
        **cells,
    }
    insert(connection, "staging.vendor_transaction", line)


def insert(connection: duckdb.DuckDBPyConnection, table: str, row: dict[str, Any]) -> None:
    """One row of a table."""
    marks = ", ".join("?" * len(row))
    connection.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", [*row.values()])
