"""The reference tables in the warehouse: `reference.<table>`, and `reference.currency` from ISO 4217."""

from __future__ import annotations

from decimal import Decimal

import duckdb
import pyarrow as pa

from warehouse.reference.loader import CURRENCIES
from warehouse.reference.rows import Rows
from warehouse.reference.schema import TABLES, Table

CURRENCY_DDL = """
CREATE OR REPLACE TABLE reference.currency (
    currency VARCHAR NOT NULL,
    minor_unit DECIMAL(5,4) NOT NULL
)
"""


def ddl(table: Table) -> str:
    """The statement that makes the table anew."""
    columns = ", ".join(
        f"{column.name} {column.type.sql}{' NOT NULL' if column.required else ''}" for column in table.columns
    )
    return f"CREATE OR REPLACE TABLE reference.{table.name} ({columns})"


def install(connection: duckdb.DuckDBPyConnection, rows: Rows) -> None:
    """Replace the reference tables of the warehouse by `rows`.

    Parameters:
        connection: a warehouse with the schema `reference`.
        rows: as `load_reference` gives them; empty for an empty reference.
    """
    for table in TABLES:
        connection.execute(ddl(table))
        columns = {
            column.name: [row[column.name] for row in rows.get(table.name, ())] for column in table.columns
        }
        types = [(column.name, _arrow(column.type.sql)) for column in table.columns]
        _append(connection, table.name, pa.table(columns, pa.schema(types)))
    connection.execute(CURRENCY_DDL)
    minor_units = {
        "currency": list(CURRENCIES),
        "minor_unit": [Decimal(1).scaleb(-exponent) for exponent in CURRENCIES.values()],
    }
    schema = pa.schema([("currency", pa.string()), ("minor_unit", pa.decimal128(5, 4))])
    _append(connection, "currency", pa.table(minor_units, schema))


def _append(connection: duckdb.DuckDBPyConnection, table: str, rows: pa.Table) -> None:
    connection.register("incoming", rows)
    connection.execute(f"INSERT INTO reference.{table} SELECT * FROM incoming")  # noqa: S608  # our own name
    connection.unregister("incoming")


def _arrow(sql: str) -> pa.DataType:
    simple = {"VARCHAR": pa.string(), "DATE": pa.date32(), "BIGINT": pa.int64()}
    if sql in simple:
        return simple[sql]
    precision, scale = sql.removeprefix("DECIMAL(").rstrip(")").split(",")
    return pa.decimal128(int(precision), int(scale))
