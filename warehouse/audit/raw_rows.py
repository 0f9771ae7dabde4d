"""From a staged reading to the raw row it was read from, and to the vendor's answer that row stands in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb

from connectors.vendor import vendors
from warehouse.landing import RawDamaged


@dataclass(frozen=True, slots=True)
class Response:
    """A vendor's answer, as it is kept.

    Attributes:
        pull_id: of which pull.
        response_no: its place in the responses file, from 0.
        operation, request: what was asked, secrets replaced by ***.
        status: HTTP status.
        received_at: instant.
        sha256: hex SHA-256 of the bytes of the answer.
        file: the responses file, relative to the data directory.
    """

    pull_id: str
    response_no: int
    operation: str
    request: str
    status: int
    received_at: datetime
    sha256: str
    file: str


@dataclass(frozen=True, slots=True)
class RawRow:
    """A row as the vendor wrote it.

    Attributes:
        pull_id, row_no: where it stands.
        stream: `vendor/stream`.
        connection: name of the set of credentials.
        usage_date: what day it was landed for.
        response_no: of the answer that holds it.
        cells: what stands in it; what is null is left out.
        key: the columns that tell the rows of the stream apart.
    """

    pull_id: str
    row_no: int
    stream: str
    connection: str
    usage_date: date
    response_no: int
    cells: dict[str, Any]
    key: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Raw:
    """Raw rows by pull and row number, and the answers they stand in by pull and response number."""

    rows: dict[tuple[str, int], RawRow]
    responses: dict[tuple[str, int], Response]

    def response_of(self, pull_id: str, row_no: int) -> Response:
        """The answer that a raw row stands in."""
        return self.responses[pull_id, self.rows[pull_id, row_no].response_no]


def raw_rows(connection: duckdb.DuckDBPyConnection, home: Path, wanted: Iterable[tuple[str, int]]) -> Raw:
    """Read raw rows and their answers from the landed files.

    Parameters:
        connection: a warehouse whose `ops.pull` knows the pulls.
        home: data directory.
        wanted: pull id and row number of each row.

    Raises:
        RawDamaged: a file or a row is missing, or cannot be read; the sentence names it.
    """
    numbers = defaultdict[str, set[int]](set)
    for pull_id, row_no in wanted:
        numbers[pull_id].add(row_no)
    found = Raw({}, {})
    pulls = connection.execute(
        "SELECT pull_id, vendor, stream, connection, usage_date, rows_path, responses_path FROM ops.pull "
        "WHERE list_contains(?, pull_id) ORDER BY usage_date, pull_id",
        [sorted(numbers)],
    ).fetchall()
    for pull_id, vendor, stream, name, day, rows_path, responses_path in pulls:
        asked = sorted(numbers[pull_id])
        rows = _read(connection, home / rows_path, "*", "row_no", asked)
        if len(rows) < len(asked):
            raise RawDamaged(f"{home / rows_path} lacks rows that it had: restore it from a backup")
        for cells in rows:
            row_no, response_no = cells.pop("row_no"), cells.pop("response_no")
            found.rows[pull_id, row_no] = RawRow(
                pull_id,
                row_no,
                f"{vendor}/{stream}",
                name,
                day,
                response_no,
                {column: cell for column, cell in cells.items() if cell is not None},
                tuple(vendors()[vendor].stream(stream).key),
            )
        columns = "response_no, operation, request, status, received_at, sha256"
        asked = sorted({row.response_no for (of, _), row in found.rows.items() if of == pull_id})
        for cells in _read(connection, home / responses_path, columns, "response_no", asked):
            response = Response(pull_id=pull_id, file=responses_path, **cells)
            found.responses[pull_id, response.response_no] = response
    return found


def _read(
    connection: duckdb.DuckDBPyConnection, path: Path, columns: str, number: str, wanted: list[int]
) -> list[dict[str, Any]]:
    try:
        result = connection.execute(
            f"SELECT {columns} FROM read_parquet(?) WHERE list_contains(?, {number}) ORDER BY {number}",  # noqa: S608  # our own names
            [str(path), wanted],
        )
        names = [column[0] for column in result.description or ()]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]
    except duckdb.Error as error:
        what = "is missing" if not path.exists() else f"cannot be read ({' '.join(str(error).split())})"
        raise RawDamaged(f"{path} {what}: restore it from a backup of the raw folder") from None
