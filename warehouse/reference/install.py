"""The reference tables in the warehouse: `reference.<table>`, and `reference.currency` from ISO 4217."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa

from warehouse.reference.loader import CURRENCIES, load_reference
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


def install(connection: duckdb.DuckDBPyConnection, directory: Path | None) -> bool:
    """Bring the reference tables of the warehouse up to date with the user's files.

    Files that are those of the last time are not read again: `reference.version` tells.

    Parameters:
        connection: a warehouse with the schema `reference`.
        directory: of the CSV files; None for an empty reference.

    Returns:
        Whether they had changed.

    Raises:
        FileNotFoundError, ReferenceMistakes: as `load_reference`; nothing was changed.
    """
    connection.execute("CREATE TABLE IF NOT EXISTS reference.version (sha256 VARCHAR NOT NULL)")
    version = _version(directory)
    if connection.execute("SELECT sha256 FROM reference.version").fetchall() == [(version,)]:
        return False
    write(connection, load_reference(directory) if directory else {})
    connection.execute("DELETE FROM reference.version")
    connection.execute("INSERT INTO reference.version VALUES (?)", [version])
    return True


def write(connection: duckdb.DuckDBPyConnection, rows: Rows) -> None:
    """Replace the reference tables of the warehouse by `rows`."""
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


def _version(directory: Path | None) -> str:
    """Stands for what the tables hold: their declaration, the currencies and the bytes of every file."""
    digest = hashlib.sha256(repr((TABLES, CURRENCIES)).encode())
    for path in sorted(directory.glob("*.csv")) if directory else ():
        digest.update(f"{path.name} {path.stat().st_size} ".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


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
