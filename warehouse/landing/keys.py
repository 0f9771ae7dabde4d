"""Are the keys of a pull unique? Answered in 8 bytes a row; only rows that share a hash are compared."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from warehouse.landing.rows import RESPONSE_NO, ROW_NO, RowsFile

Hashes = npt.NDArray[np.int64]


class Keys:
    """The keys of some rows, as hashes; equal keys have equal hashes within one process.

    Parameters:
        columns: the key; at least one column.
    """

    def __init__(self, columns: Sequence[str]) -> None:
        self.columns = tuple(columns)
        self._hashes = array("q")

    def add(self, rows: pa.RecordBatch) -> None:
        """Take the keys of these rows."""
        self._hashes.extend(map(hash, values(rows, self.columns)))

    def sorted(self) -> Hashes:
        """The hashes of all keys in ascending order, repeated ones as often as they came."""
        every = np.frombuffer(self._hashes, np.int64)
        every.sort()
        return every

    def repeated(self) -> Hashes:
        """The hashes that came more than once."""
        every = self.sorted()
        return np.unique(every[1:][every[1:] == every[:-1]])


def keys_of(path: Path, columns: Sequence[str]) -> Keys:
    """The keys of a rows file."""
    keys = Keys(columns)
    for batch in batches(path):
        keys.add(batch)
    return keys


def batches(path: Path) -> Iterator[pa.RecordBatch]:
    """The rows of a rows file, some thousands in memory at a time."""
    with pq.ParquetFile(path) as file:
        yield from file.iter_batches(batch_size=10_000)


def values(rows: pa.RecordBatch, columns: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """What stands in `columns`, a tuple a row."""
    return zip(*(rows[name].to_pylist() for name in columns), strict=True)


@dataclass(slots=True)
class Repeats:
    """Rows whose key was there already, by `row_no`: `identical` in every column, or `conflicting`."""

    identical: set[int] = field(default_factory=set)
    conflicting: set[int] = field(default_factory=set)


def find_repeats(path: Path, key: Sequence[str], suspects: Hashes) -> Repeats:
    """Compare the rows of a rows file whose key hashes are among `suspects` with the first of their key."""
    repeats, first = Repeats(), dict[tuple[Any, ...], tuple[Any, ...]]()
    for batch in batches(path):
        hashes = np.fromiter(map(hash, values(batch, key)), np.int64, len(batch))
        found = batch.filter(np.isin(hashes, suspects))
        content = [name for name in found.schema.names if name not in (ROW_NO.name, RESPONSE_NO.name)]
        for row_no, its_key, its_content in zip(
            found[ROW_NO.name].to_pylist(), values(found, key), values(found, content), strict=True
        ):
            if its_key not in first:
                first[its_key] = its_content
            elif first[its_key] == its_content:
                repeats.identical.add(row_no)
            else:
                repeats.conflicting.add(row_no)
    return repeats


def copy_without(source: Path, target: RowsFile, left_out: set[int]) -> None:
    """Append the rows of a rows file to another, except those whose `row_no` is in `left_out`."""
    unwanted = np.array(sorted(left_out))
    for batch in batches(source):
        kept = batch.filter(~np.isin(batch[ROW_NO.name].to_numpy(), unwanted))
        target.append(kept.drop_columns([ROW_NO.name]))
