"""Parquet files of wide records: answers as they came, rows as the vendor wrote them."""

from __future__ import annotations

from itertools import accumulate
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyarrow as pa
import pyarrow.parquet as pq

GROUP_BYTES = 2 << 20  # one SOAP page is about 5 MiB, one answer of a call per account 0.4 KiB
PLAIN_BYTES = 512  # about what the other columns of a record take


class RecordFile:
    """Records written one by one, in row groups bounded by bytes, so that memory stays flat.

    Parameters:
        path: made when the first record comes; no record, no file.
        schema: of the records; the last column is the payload, binary or text: the large one.
    """

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self.path = path
        self.count = 0
        self._schema = schema
        self._plain = pa.schema(list(schema)[:-1])
        self._writer: pq.ParquetWriter | None = None
        self._records: list[dict[str, Any]] = []
        self._payloads: list[bytes] = []
        self._bytes = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._writer:
            self._writer.close()

    def add(self, record: dict[str, Any], payload: bytes) -> None:
        """Append one record; `record` holds all columns but the payload."""
        self._records.append(record)
        self._payloads.append(payload)
        self._bytes += len(payload) + PLAIN_BYTES
        self.count += 1
        if self._bytes >= GROUP_BYTES:
            self._flush()

    def close(self) -> None:
        """Write what is left; the file is whole."""
        if self._records:
            self._flush()
        if self._writer:
            self._writer.close()

    def _flush(self) -> None:
        if self._writer is None:
            self._writer = pq.ParquetWriter(
                self.path,
                self._schema,
                compression="zstd",
                compression_level=1,
                use_dictionary=self._plain.names,
                write_statistics=self._plain.names,
                write_page_checksum=True,
                write_batch_size=1,  # a page is cut after any record; it and its compressed copy stay small
            )
        plain = pa.Table.from_pylist(self._records, self._plain)
        self._writer.write_table(plain.append_column(self._schema[-1], self._payload_column()))
        self._records, self._payloads, self._bytes = [], [], 0
        pa.default_memory_pool().release_unused()  # it would keep the largest row group's worth

    def _payload_column(self) -> pa.Array:
        """The payloads as they are; `pa.array` would copy each several times while its buffer grows."""
        offsets = pa.array(accumulate(map(len, self._payloads), initial=0), pa.int32()).buffers()[1]
        joined = pa.py_buffer(b"".join(self._payloads))
        return pa.Array.from_buffers(self._schema[-1].type, len(self._payloads), [None, offsets, joined])
