"""Are the keys of a pull unique? Answered in 8 bytes a row; only rows that share a hash are compared."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from warehouse.landing.rows import GROUP_ROWS, RESPONSE_NO, ROW_NO, RowsFile

Hashes = npt.NDArray[np.uint64]


class Keys:
    """The keys of some rows, as hashes.

    Parameters:
        columns: the key; at least one column.
    """

    def __init__(self, columns: Sequence[str]) -> None:
        self.columns = tuple(columns)
        self._pending: list[pa.RecordBatch] = []
        self._pending_rows = 0
        self._hashes: list[Hashes] = []

    def add(self, rows: pa.RecordBatch) -> None:
        """Take the keys of these rows."""
        self._pending.append(rows.select(self.columns))
        self._pending_rows += len(rows)
        if self._pending_rows >= GROUP_ROWS:
            self._hash_pending()

    def sorted(self) -> Hashes:
        """The hashes of all keys in ascending order, repeated ones as often as they came."""
        if self._pending:
            self._hash_pending()
        every = np.concatenate([np.empty(0, np.uint64), *self._hashes])
        every.sort()
        self._hashes = [every]
        return every

    def repeated(self) -> Hashes:
        """The hashes that came more than once."""
        every = self.sorted()
        return np.unique(every[1:][every[1:] == every[:-1]])

    def _hash_pending(self) -> None:
        self._hashes.append(hashes(pa.Table.from_batches(self._pending), self.columns))
        self._pending, self._pending_rows = [], 0


def hashes(rows: pa.Table, columns: Sequence[str]) -> Hashes:
    """A 64-bit hash of `columns` for every row; equal keys have equal hashes within one process."""
    found = _query(f"SELECT hash({_names(columns)}) AS hash FROM rows", rows)  # noqa: S608  # quoted names
    column: Hashes = found["hash"].to_numpy()
    return column


@dataclass(frozen=True, slots=True)
class Repeats:
    """Rows whose key was there already: `identical` in every column, or `conflicting`; `row_no` each."""

    identical: frozenset[int]
    conflicting: frozenset[int]


def find_repeats(path: Path, key: Sequence[str], suspects: Hashes) -> Repeats:
    """Compare the rows of a rows file whose key hashes are among `suspects` with the first of their key."""
    file = pq.ParquetFile(path)
    groups = (file.read_row_group(number) for number in range(file.num_row_groups))
    rows = pa.concat_tables(group.filter(np.isin(hashes(group, key), suspects)) for group in groups)
    content = _names(name for name in rows.column_names if name not in (ROW_NO.name, RESPONSE_NO.name))
    found = _query(
        f"""
        SELECT row_no, identical
        FROM (
            SELECT
                row_no,
                row_number() OVER same_key > 1 AS again,
                row({content}) IS NOT DISTINCT FROM first_value(row({content})) OVER same_key AS identical
            FROM rows
            WINDOW same_key AS (PARTITION BY {_names(key)} ORDER BY row_no)
        )
        WHERE again
        """,  # noqa: S608  # quoted names
        rows,
    ).to_pylist()
    return Repeats(
        frozenset(row["row_no"] for row in found if row["identical"]),
        frozenset(row["row_no"] for row in found if not row["identical"]),
    )


def copy_without(source: Path, target: RowsFile, left_out: frozenset[int]) -> None:
    """Append the rows of a rows file to another, except those whose `row_no` is in `left_out`."""
    file = pq.ParquetFile(source)
    unwanted = np.array(sorted(left_out))
    for number in range(file.num_row_groups):
        group = file.read_row_group(number)
        kept = group.filter(~np.isin(group[ROW_NO.name].to_numpy(), unwanted))
        for batch in kept.drop_columns([ROW_NO.name]).to_batches():
            target.append(batch)


def _names(columns: Iterable[str]) -> str:
    return ", ".join('"' + name.replace('"', '""') + '"' for name in columns)


@cache
def _database() -> duckdb.DuckDBPyConnection:
    """One for the process: opening it costs ten times what a night's keys do."""
    return duckdb.connect(config={"threads": 1})


def _query(sql: str, rows: pa.Table) -> pa.Table:
    with _database().cursor() as connection:
        connection.register("rows", rows)
        return connection.execute(sql).to_arrow_table()
