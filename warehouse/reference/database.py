"""The reference tables in an SQL database, read through SQLAlchemy."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from connectors.transport.redaction import Redactor
from warehouse.reference.cells import plain
from warehouse.reference.rows import Mistake, ReferenceMistakes, Sheet
from warehouse.reference.schema import TABLES, Table
from warehouse.reference.source import Database

if TYPE_CHECKING:
    from sqlalchemy import URL, ColumnElement, Connection


def sheets(database: Database) -> Iterator[Sheet]:
    """Each table that the database has, as text; all as of one instant where the database can do that.

    Raises:
        ReferenceMistakes: the database cannot be read, or has none of the tables.
    """
    from sqlalchemy import NullPool, create_engine, inspect  # noqa: PLC0415  # most users have files

    if database.file and not database.file.is_file():
        raise _unreadable(database, "there is no such file")
    with _plain_words(database), create_engine(database.url, poolclass=NullPool).connect() as connection:
        _hold_still(connection)
        inspector = inspect(connection)
        there = [table for table in TABLES if inspector.has_table(table.name)]
        if not there:
            raise _unreadable(database, "has none of the reference tables")
        for table in there:
            names = [column["name"] for column in inspector.get_columns(table.name)]
            yield Sheet(table, f"table {table.name}", "row", _lines(database, connection, table, names))


@contextmanager
def _plain_words(database: Database) -> Iterator[None]:
    """What goes wrong with a driver, in a sentence."""
    from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415

    try:
        yield
    except ImportError as error:
        raise _unreadable(database, f"needs a driver: {error}") from None
    except SQLAlchemyError as error:
        raise _unreadable(database, f"cannot be read: {said(database.url, error)}") from None


def _hold_still(connection: Connection) -> None:
    """Let every table be read as of the same instant."""
    from sqlalchemy.exc import ArgumentError  # noqa: PLC0415

    with suppress(ArgumentError, NotImplementedError):  # where it is not known
        connection.execution_options(isolation_level="REPEATABLE READ")
    if connection.dialect.name == "sqlite":  # whose driver begins a transaction with the first change only
        connection.exec_driver_sql("BEGIN")


def _lines(
    database: Database, connection: Connection, table: Table, names: Sequence[str]
) -> Iterator[tuple[int, Sequence[str]]]:
    """The columns, and number and cells of each row in the order of the key."""
    import sqlalchemy as sql  # noqa: PLC0415

    yield 0, names
    order = [name for name in (*table.key, "valid_from") if name in names]
    query = sql.select(*map(_column, names)).select_from(sql.table(table.name)).order_by(*map(_column, order))
    with _plain_words(database):
        for number, row in enumerate(connection.execute(query), start=1):
            yield number, [_text(table, number, name, cell) for name, cell in zip(names, row, strict=True)]


def _column(name: str) -> ColumnElement[Any]:
    from sqlalchemy import column  # noqa: PLC0415

    return column(name)


def _text(table: Table, number: int, name: str, cell: Any) -> str:
    """The cell as it would stand in a file.

    Raises:
        ReferenceMistakes: it is of a type that has no exact text.
    """
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, datetime) and cell.time() == time.min:
        return plain(cell.date())
    if cell is None or isinstance(cell, str | int | Decimal | date):
        return plain(cell)
    what = f"{cell!r} is a {type(cell).__name__}, which is not exact"
    remedy = "Make the column DECIMAL, or TEXT in SQLite"
    raise ReferenceMistakes([Mistake(f"table {table.name}", number, name, what, remedy, "row")])


def _unreadable(database: Database, what: str) -> ReferenceMistakes:
    remedy = "Check BACKUP_BILLING_REFERENCE, and that the database can be reached from here"
    return ReferenceMistakes([Mistake(str(database), 0, "", what, remedy)])


def said(url: URL, error: Exception) -> str:
    """What the driver said, in one line and without anything that stands in the URL as a secret."""
    given = [url.password or "", *(str(value) for value in url.query.values())]
    parts = [part for text in given for part in (text, *re.split("[;=]", text))]
    said = str(getattr(error, "orig", None) or error).strip().split("\n", maxsplit=1)[0]
    return Redactor(parts).text(said)
