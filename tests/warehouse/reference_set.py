"""A small, right set of reference tables, and ways to write it with some cells changed."""

from __future__ import annotations

import csv
import sqlite3
from pathlib import Path

import pytest

from warehouse.reference.loader import load_reference
from warehouse.reference.rows import ReferenceMistakes
from warehouse.reference.schema import TABLES
from warehouse.reference.source import Source

SINCE = {"valid_from": "2020-01-01"}
GOOD: dict[str, list[dict[str, str]]] = {
    "billing_entity": [{"billing_entity_id": "us", "name": "Us", "country": "NL", "currency": "EUR",
                        "tax_id": "NL1", "time_zone": "Europe/Amsterdam", "invoice_prefix": "US"}],
    "rate_card": [{"rate_card": "card", "name": "Card", "currency": "EUR"},
                  {"rate_card": "cost", "name": "Cost", "side": "cost", "currency": "USD"}],
    "tax_rate": [{"tax_code": "vat", "name": "VAT", "category": "S", "percent": "21", **SINCE}],
    "customer": [
        {"customer_id": "top", "name": "Top", "kind": "reseller", "bill_to": "self",
         "billing_entity_id": "us", "currency": "EUR", "rate_card": "card", "tax_code": "vat", **SINCE},
        {"customer_id": "sub", "name": "Sub", "kind": "end_customer", "parent_customer_id": "top",
         "bill_to": "parent", **SINCE},
    ],
    "sku": [{"sku": "gb", "name": "Storage", "service": "Backup", "unit": "GB", "quantity_step": "0.001"},
            {"sku": "seat", "name": "Seat", "service": "Backup", "unit": "seats"},
            {"sku": "fee", "name": "Support", "service": "Backup", "unit": "months"}],
    "meter": [{"vendor": "redstor", "meter": "protected_bytes", "unit": "bytes", **SINCE},
              {"vendor": "redstor", "meter": "active_seats", "unit": "seats", **SINCE}],
    "sku_mapping": [
        {"vendor": "redstor", "product": "*", "meter": "protected_bytes", "sku": "gb",
         "aggregation": "peak", **SINCE},
        {"vendor": "redstor", "product": "*", "meter": "active_seats", "sku": "seat",
         "aggregation": "peak", **SINCE},
    ],
    "rate": [
        {"rate_card": "card", "sku": "gb", "model": "graduated", "tier_from": "0", "tier_to": "100.5",
         "unit_price": "0.05", **SINCE},
        {"rate_card": "card", "sku": "gb", "model": "graduated", "tier_from": "100.5", "tier_to": "",
         "unit_price": "0.04", **SINCE},
        {"rate_card": "card", "sku": "seat", "model": "per_unit", "unit_price": "2", **SINCE},
        {"rate_card": "cost", "sku": "gb", "model": "per_unit", "unit_price": "0.02", **SINCE},
    ],
    "account_mapping": [{"vendor": "redstor", "connection": "default", "account_id": "aa", "state": "mapped",
                         "customer_id": "sub", **SINCE}],
    "vendor_terms": [{"vendor": "redstor", "connection": "default", "rate_card": "cost", **SINCE}],
    "contract": [{"contract_id": "k", "customer_id": "top", "name": "Agreement", "valid_from": "2025-01-01",
                  "valid_to": "2026-01-01"}],
    "contract_item": [{"contract_id": "k", "item_id": "desk", "sku": "fee", "quantity": "1",
                       "unit_price": "95", "valid_from": "2025-01-01", "valid_to": "2026-01-01"}],
    "commitment": [{"contract_id": "k", "commitment_id": "year", "sku": "*", "amount": "1000",
                    "period": "term", "valid_from": "2025-01-01", "valid_to": "2026-01-01"}],
    "discount": [{"customer_id": "top", "discount_id": "d", "sku": "gb", "percent": "5", "reason": "Loyal",
                  **SINCE}],
    "fx_rate": [{"fx_set": "s", "from_currency": "USD", "to_currency": "EUR", "rate": "0.86", "source": "ECB",
                 "quoted_on": "2019-12-31", **SINCE}],
    "tolerance": [{"code": "R-15", "amount": "0.05"}],
}  # fmt: skip


def changed(**changes: dict[str, str]) -> dict[str, list[dict[str, str]]]:
    """The good set with some rows changed.

    `customer_1={"name": ""}` is the second row of customer; `rate_more={...}` is one more, like the last.
    """
    tables = {}
    for table, rows in GOOD.items():
        tables[table] = [row | changes.pop(f"{table}_{n}", {}) for n, row in enumerate(rows)]
        if more := changes.pop(f"{table}_more", None):
            tables[table].append(rows[-1] | more)
    assert not changes
    return tables


def write(folder: Path, **changes: dict[str, str]) -> Path:
    """One CSV file a table, with every column."""
    for name, rows in changed(**changes).items():
        columns = next(table.columns for table in TABLES if table.name == name)
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, [column.name for column in columns])
            writer.writeheader()
            writer.writerows(rows)
    return folder


def write_database(path: Path, **changes: dict[str, str]) -> Path:
    """An SQLite file with the same tables; only the columns that are used, all of them text."""
    with sqlite3.connect(path) as connection:
        for name, rows in changed(**changes).items():
            columns = list(dict.fromkeys(column for row in rows for column in row))
            connection.execute(f"CREATE TABLE {name} ({', '.join(f'{column} TEXT' for column in columns)})")
            connection.executemany(
                f"INSERT INTO {name} VALUES ({', '.join('?' * len(columns))})",
                [[row.get(column) or None for column in columns] for row in rows],
            )
    connection.close()
    return path


def mistakes(source: Source) -> list[str]:
    """What is wrong, line by line."""
    with pytest.raises(ReferenceMistakes) as caught:
        load_reference(source)
    return list(caught.value.lines)
