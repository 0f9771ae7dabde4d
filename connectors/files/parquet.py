"""Parquet bytes as rows: decimals as they are, binary fractions as in a spreadsheet, instants as text."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq

from connectors.errors import ContractBroken
from connectors.files.row import Cell, Row, Unreadable, binary


def parquet_rows(content: bytes) -> Iterator[Row]:
    """The names of the columns as row 1, then the rows.

    Raises:
        ContractBroken: it is no Parquet file.
    """
    try:
        table = pq.read_table(pa.BufferReader(content))
    except (pa.ArrowException, OSError) as error:
        raise ContractBroken(f"is not a Parquet file: {error}") from None
    yield Row(1, tuple(table.column_names))
    number = 1
    for batch in table.to_batches():
        for values in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            number += 1
            yield Row(number, tuple(map(_cell, values)))


def _cell(value: object) -> Cell:
    match value:
        case None | bool() | Decimal():
            return value
        case str():
            return value.strip() or None
        case int():
            return Decimal(value)
        case float():
            return binary(value)
        case datetime():
            return value.isoformat()
        case date():
            return value
        case dict() | list():
            return json.dumps(value, ensure_ascii=False, default=str)
        case _:
            return Unreadable(f"is {type(value).__name__}, neither text nor number nor date")
