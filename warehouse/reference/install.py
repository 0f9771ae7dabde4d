"""The reference tables in the warehouse: `reference.<table>`, with the units and currencies they use."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from connectors import clock
from warehouse.reference import archive, cells
from warehouse.reference.loader import load_reference
from warehouse.reference.rows import Rows
from warehouse.reference.schema import TABLES, UNITS, Column, Table
from warehouse.reference.source import Source

UNIT = {"unit": "VARCHAR", "kind": "VARCHAR", "size": "BIGINT"}
CURRENCY = {"currency": "VARCHAR", "minor_unit": "DECIMAL(5,4)"}
VERSION = "sha256 VARCHAR NOT NULL, known_from TIMESTAMPTZ NOT NULL"
INSTALLED = "sha256 VARCHAR NOT NULL, declaration VARCHAR NOT NULL, files VARCHAR"
# Other tables, units or currencies make other rows of the same files.
DECLARATION = hashlib.sha256(repr((TABLES, UNITS, cells.CURRENCIES)).encode()).hexdigest()


def ddl(table: Table) -> str:
    """The statement that makes the table anew."""
    columns = ", ".join(
        f"{column.name} {column.type.sql}{'' if _is_nullable(column) else ' NOT NULL'}"
        for column in table.columns
    )
    return f"CREATE OR REPLACE TABLE reference.{table.name} ({columns})"


def install(connection: duckdb.DuckDBPyConnection, source: Source | None, home: Path | None = None) -> bool:
    """Bring the reference tables of the warehouse up to date with the user's.

    Files that are those of the last time, byte for byte, are not read again. A set of tables that was
    not the current one is archived, and `reference.version` has all that were ever known.

    Parameters:
        connection: a warehouse with the schema `reference`.
        source: directory of the CSV files, or database; None for an empty reference.
        home: data directory with the archive; None to archive nothing.

    Returns:
        Whether they had changed.

    Raises:
        FileNotFoundError, ReferenceMistakes: as `load_reference`; nothing was changed.
    """
    _make_records(connection)
    installed = connection.execute("SELECT sha256, declaration, files FROM reference.installed").fetchone()
    files = _fingerprint(source) if isinstance(source, Path) else None
    if (
        installed
        and files
        and installed[1:] == (DECLARATION, files)
        and (home is None or archive.holds(home, installed[0]))
    ):
        return False
    rows = load_reference(source) if source else {}
    known = archive.keep(home, rows) if home else [archive.Version(clock.now(), archive.sha256(rows))]
    current = (known[-1].sha256, DECLARATION, files)
    if changed := installed is None or installed[:2] != current[:2]:
        write(connection, rows)
    _record(connection, current, known)
    return changed


def install_archived(connection: duckdb.DuckDBPyConnection, rows: Rows, known: list[archive.Version]) -> None:
    """Fill the reference tables of a new warehouse with a set of earlier times.

    Parameters:
        connection: a warehouse with the schema `reference`.
        rows: of every table.
        known: the versions that were known then, that of `rows` last.
    """
    _make_records(connection)
    write(connection, rows)
    _record(connection, (known[-1].sha256, DECLARATION, None), known)


def write(connection: duckdb.DuckDBPyConnection, rows: Rows) -> None:
    """Replace the reference tables of the warehouse by `rows`; cells that they lack are empty ones."""
    for table in TABLES:
        connection.execute(ddl(table))
        columns = {
            column.name: [
                cells.filled(column, row.cells.get(column.name)) for row in rows.get(table.name, ())
            ]
            for column in table.columns
        }
        _append(connection, table.name, columns, {column.name: column.type.sql for column in table.columns})
    sizes = [(unit, kind, size) for unit, (kind, size) in UNITS.items()]
    _replace(connection, "unit", UNIT, sizes)
    currencies = [(code, Decimal(1).scaleb(-exponent)) for code, exponent in cells.CURRENCIES.items()]
    _replace(connection, "currency", CURRENCY, currencies)


def _make_records(connection: duckdb.DuckDBPyConnection) -> None:
    for name, columns in (("version", VERSION), ("installed", INSTALLED)):
        connection.execute(f"CREATE TABLE IF NOT EXISTS reference.{name} ({columns})")


def _record(
    connection: duckdb.DuckDBPyConnection,
    current: tuple[str, str, str | None],
    known: list[archive.Version],
) -> None:
    """Say which set the tables hold, and which were known."""
    connection.execute("DELETE FROM reference.installed")
    connection.execute("INSERT INTO reference.installed VALUES (?, ?, ?)", current)
    connection.execute("DELETE FROM reference.version")
    connection.executemany(
        "INSERT INTO reference.version VALUES (?, ?)",
        [(version.sha256, version.known_from) for version in known],
    )


def _is_nullable(column: Column) -> bool:
    return not column.required and column.default is None


def _replace(
    connection: duckdb.DuckDBPyConnection, table: str, types: dict[str, str], rows: list[tuple[Any, ...]]
) -> None:
    columns = ", ".join(f"{name} {kind} NOT NULL" for name, kind in types.items())
    connection.execute(f"CREATE OR REPLACE TABLE reference.{table} ({columns})")
    _append(connection, table, dict(zip(types, zip(*rows, strict=True), strict=True)), types)


def _fingerprint(directory: Path) -> str:
    """Stands for the bytes of every file."""
    digest = hashlib.sha256()
    for path in sorted(directory.glob("*.csv")):
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
