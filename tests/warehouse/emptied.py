"""A warehouse in memory for one test after the other: its tables take longer to make than most tests do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import duckdb

from warehouse.build import create
from warehouse.models import models


@contextmanager
def emptied() -> Iterator[duckdb.DuckDBPyConnection]:
    """The warehouse of this process, without the rows that those before put into its tables.

    In the reference stands what the last of them wrote; whoever reads it writes all of it.
    """
    for table in _empty_tables():
        _warehouse().execute(f"DELETE FROM {table}")
    yield _warehouse()


@cache
def _warehouse() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET threads = 1")
    create(connection, None)
    return connection


@cache
def _empty_tables() -> list[str]:
    """Those that have no rows when they are made; called before anybody can fill them."""
    tables = [model.name for model in models() if not model.is_view]
    return [name for name in tables if not _warehouse().execute(f"SELECT 1 FROM {name} LIMIT 1").fetchall()]
