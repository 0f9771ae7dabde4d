"""The reference tables in the warehouse: `reference.<table>`, with the units and currencies they use."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from warehouse.reference import cells
from warehouse.reference.loader import load_reference
from warehouse.reference.rows import Rows
from warehouse.reference.schema import TABLES, UNITS, Column, Table

UNIT = {"unit": "VARCHAR", "kind": "VARCHAR", "size": "BIGINT"}
CURRENCY = {"currency": "VARCHAR", "minor_unit": "DECIMAL(5,4)"}


def ddl(table: Table) -> str:
    """The statement that makes the table anew."""
    columns = ", ".join(
        f"{column.name} {column.type.sql}{'' if _is_nullable(column) else ' NOT NULL'}"
        for column in table.columns
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
    """Replace the reference tables of the warehouse by `rows`; cells that they lack are empty ones."""
    for table in TABLES:
        connection.execute(ddl(table))
        columns = {
            column.name: [_filled(column, row.cells.get(column.name)) for row in rows.get(table.name, ())]
            for column in table.columns
        }
        _append(connection, table.name, columns, {column.name: column.type.sql for column in table.columns})
    sizes = [(unit, kind, size) for unit, (kind, size) in UNITS.items()]
    _replace(connection, "unit", UNIT, sizes)
    currencies = [(code, Decimal(1).scaleb(-exponent)) for code, exponent in cells.CURRENCIES.items()]
    _replace(connection, "currency", CURRENCY, currencies)


def _is_nullable(column: Column) -> bool:
    return not column.required and column.default is None


def _filled(column: Column, cell: Any) -> Any:
    return cells.default(column) if cell is None else cell


def _replace(
    connection: duckdb.DuckDBPyConnection, table: str, types: dict[str, str], rows: list[tuple[Any, ...]]
) -> None:
    columns = ", ".join(f"{name} {kind} NOT NULL" for name, kind in types.items())
    connection.execute(f"CREATE OR REPLACE TABLE reference.{table} ({columns})")
    _append(connection, table, dict(zip(types, zip(*rows, strict=True), strict=True)), types)


def _version(directory: Path | None) -> str:
    """Stands for what the tables hold: their declaration, the currencies and the bytes of every file."""
    digest = hashlib.sha256(repr((TABLES, UNITS, cells.CURRENCIES)).encode())
    for path in sorted(directory.glob("*.csv")) if directory else ():
        digest.update(f"{path.name} {path.stat().st_size} ".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _append(
    connection: duckdb.DuckDBPyConnection, table: str, columns: dict[str, Any], types: dict[str, str]
) -> None:
    schema = pa.schema([(name, _arrow(sql)) for name, sql in types.items()])
    connection.register("incoming", pa.table(columns, schema))
    connection.execute(f"INSERT INTO reference.{table} SELECT * FROM incoming")  # noqa: S608  # our own name
    connection.unregister("incoming")


def _arrow(sql: str) -> pa.DataType:
    simple = {"VARCHAR": pa.string(), "DATE": pa.date32(), "BIGINT": pa.int64()}
    if sql in simple:
        return simple[sql]
    precision, scale = sql.removeprefix("DECIMAL(").rstrip(")").split(",")
    return pa.decimal128(int(precision), int(scale))
