"""The raw views: `raw.<vendor>_<stream>`, the rows of the current pulls, straight from the landed files.

Every row has vendor, connection, usage_date, pull_id, row_no and response_no, then the stream's columns.
A stream without landed rows has the same view without rows, so that whoever reads it need not ask.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache
from pathlib import Path

import duckdb

from connectors.stream import Stream
from connectors.vendor import vendors
from warehouse.landing.rows import RESPONSE_NO, ROW_NO
from warehouse.models import literals, quoted

LINEAGE = ("vendor", "connection", "usage_date", "pull_id")


def define_for_all(connection: duckdb.DuckDBPyConnection, home: Path) -> None:
    """Let every raw view show the whole landing, for those who read the published warehouse.

    Parameters:
        connection: the warehouse, with `ops.pull` up to date.
        home: data directory; its absolute path becomes part of the views.
    """
    landed = set(
        connection.execute("SELECT DISTINCT vendor, stream FROM ops.current_pull").fetchall(),
    )
    for name, stream in streams().items():
        files = f"raw/{stream.vendor}/{stream.name}/*/*.rows.parquet"
        found = [files] if (stream.vendor, stream.name) in landed else []
        connection.execute(_view(name, stream, home, found))


def define_for_days(
    connection: duckdb.DuckDBPyConnection, home: Path, names: Iterable[str], days: Iterable[date]
) -> None:
    """Let the raw views called `names` show the current pulls of `days` alone, file by file."""
    rows = connection.execute(
        "SELECT vendor, stream, rows_path FROM ops.current_pull "  # noqa: S608  # dates
        f"WHERE usage_date IN ({literals(days)}) ORDER BY usage_date, pull_id"
    ).fetchall()
    for name in names:
        stream = streams()[name]
        files = [path for vendor, other, path in rows if (vendor, other) == (stream.vendor, stream.name)]
        connection.execute(_view(name, stream, home, files))


@cache
def streams() -> dict[str, Stream]:
    """Every stream there is by the name of its view, with schema."""
    return {
        f"raw.{vendor.name}_{stream.name}": stream
        for vendor in vendors().values()
        for stream in vendor.streams
    }


def _view(name: str, stream: Stream, home: Path, files: list[str]) -> str:
    if not files:
        return f"CREATE OR REPLACE VIEW {name} AS SELECT {', '.join(_no_values(stream))} WHERE false"
    root = home.resolve()
    paths = ", ".join(quoted(f"{root}/{path}") for path in files)
    # Named by the stream and not by the files: a column that a stream gained later is null in the
    # older files, and no file is opened before it is read.
    schema = ", ".join(
        f"{quoted(column)}: {{name: {quoted(column)}, type: {quoted(kind)}, default_value: NULL}}"
        for column, kind in _columns(stream)
    )
    columns = ", ".join(
        [*(f"pull.{column}" for column in LINEAGE), *(f'file."{column}"' for column, _ in _columns(stream))]
    )
    return (
        f"CREATE OR REPLACE VIEW {name} AS SELECT {columns} "  # noqa: S608  # paths are quoted, names our own
        f"FROM read_parquet([{paths}], schema = MAP {{{schema}}}) AS file "
        f"INNER JOIN ops.current_pull AS pull ON concat({quoted(f'{root}/')}, pull.rows_path) = file.filename"
    )


def _no_values(stream: Stream) -> Iterator[str]:
    for column in LINEAGE:
        yield f"CAST(NULL AS {'DATE' if column == 'usage_date' else 'VARCHAR'}) AS {column}"
    for column, kind in _columns(stream):
        yield f'CAST(NULL AS {kind}) AS "{column}"'


def _columns(stream: Stream) -> tuple[tuple[str, str], ...]:
    """Name and DuckDB type of the columns of a rows file."""
    return _columns_of_all()[stream.vendor, stream.name]


@cache
def _columns_of_all() -> dict[tuple[str, str], tuple[tuple[str, str], ...]]:
    """By vendor and stream; told by one connection, as to open one takes longer than to ask it."""
    found = {}
    with duckdb.connect(config={"threads": 1}) as connection:
        for stream in streams().values():
            nothing = stream.schema.insert(0, RESPONSE_NO).insert(0, ROW_NO).empty_table()
            connection.register("nothing", nothing)
            described = connection.execute("DESCRIBE nothing").fetchall()
            found[stream.vendor, stream.name] = tuple((name, kind) for name, kind, *_ in described)
    return found
