"""The rows file: one row group after the other, so that memory stays flat however many rows there are."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Self

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

GROUP_ROWS = 122_880  # DuckDB's own; a row group a page costs a quarter more bytes and reads six times slower
LOOSE_BATCHES = 1024  # a batch of three rows costs ten times their memory, and as much time to write
SAMPLE = 16_384  # rows looked at to choose encodings
ROWS_A_VALUE = 10  # a dictionary pays where values repeat; on unique ones it costs space and time

RESPONSE_NO = pa.field("response_no", pa.int32(), nullable=False)
ROW_NO = pa.field("row_no", pa.int64(), nullable=False)


class RowsFile:
    """Rows of one pull, in the order in which they came.

    The file has `row_no` from 0 and `response_no` (whose answer holds the row), then the stream's columns.

    Parameters:
        path: where to write; made even when there are no rows.
        schema: the stream's.
    """

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self.path = path
        self._answer_schema = schema
        self._batch_schema = pa.schema([RESPONSE_NO, *schema])
        self._schema = pa.schema([ROW_NO, RESPONSE_NO, *schema])
        self._writer: pq.ParquetWriter | None = None
        self._batches: list[pa.RecordBatch] = []
        self._buffered = 0
        self._written = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._writer:
            self._writer.close()

    @property
    def count(self) -> int:
        """Rows so far."""
        return self._written + self._buffered

    def add(self, response_no: int, rows: pa.RecordBatch) -> None:
        """Append the rows of one answer, in the stream's columns."""
        if rows.schema != self._answer_schema:  # which may say that less of it can be null
            rows = pa.RecordBatch.from_arrays(rows.columns, schema=self._answer_schema)
        numbers = pa.repeat(pa.scalar(response_no, RESPONSE_NO.type), len(rows))
        self.append(rows.add_column(0, RESPONSE_NO, numbers))

    def append(self, batch: pa.RecordBatch) -> None:
        """Append rows that have their `response_no` as first column."""
        self._batches.append(batch)
        self._buffered += len(batch)
        if self._buffered >= GROUP_ROWS:
            self._flush()
        elif len(self._batches) == LOOSE_BATCHES:
            self._batches = [pa.concat_batches(self._batches)]

    def close(self) -> None:
        """Write what is left; the file is whole."""
        if self._batches or not self._writer:
            self._flush()
        if self._writer:
            self._writer.close()

    def _flush(self) -> None:
        self._write(self._group())
        pa.default_memory_pool().release_unused()  # it would keep the largest row group's worth

    def _group(self) -> pa.Table:
        rows = pa.Table.from_batches(self._batches, self._batch_schema)
        self._batches, self._buffered = [], 0
        numbers = pa.arange(self._written, self._written + len(rows))
        return pa.Table.from_arrays([numbers, *rows.columns], schema=self._schema)

    def _write(self, group: pa.Table) -> None:
        if self._writer is None:
            self._writer = pq.ParquetWriter(
                self.path,
                self._schema,
                compression="zstd",
                compression_level=3,
                use_dictionary=_repetitive(group),
                column_encoding={ROW_NO.name: "DELTA_BINARY_PACKED"},
            )
        self._writer.write_table(group)
        self._written += len(group)


def _repetitive(rows: pa.Table) -> list[str]:
    """The columns whose values repeat often enough for a dictionary."""
    sample = rows.slice(0, SAMPLE)
    return [
        name
        for name in rows.column_names
        if not pa.types.is_boolean(rows.schema.field(name).type)
        and pc.count_distinct(sample[name], mode="all").as_py() * ROWS_A_VALUE < len(sample)
    ]
