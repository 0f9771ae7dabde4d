"""A search for values in all that a run leaves behind, whatever file it is in and however it is spelt."""

from __future__ import annotations

import html
import json
import sqlite3
import zlib
from base64 import b64encode
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq


def found(values: Iterable[str], contents: Iterable[tuple[str, bytes]]) -> set[tuple[str, str]]:
    """Each value that stands in one of the contents, in any spelling, with the name of the content."""
    wanted = {value: spellings(value) for value in values}
    return {
        (value, name)
        for name, content in contents
        for value, spelt in wanted.items()
        if any(each in content for each in spelt)
    }


def spellings(value: str) -> set[bytes]:
    """As it is, and as URL, form, JSON, XML, HTML or Base64, at any place within what was encoded."""
    texts = {
        value,
        quote(value),
        quote(value, safe=""),
        quote_plus(value),
        json.dumps(value)[1:-1],
        json.dumps(value, ensure_ascii=False)[1:-1],
        escape(value),
        html.escape(value),
    }
    return {text.encode() for text in texts} | set(_base64(value.encode()))


def _base64(value: bytes) -> Iterator[bytes]:
    """What of its Base64 does not depend on the bytes around it: three alignments, two alphabets."""
    for before in range(3):
        bits = 8 * before, 8 * (before + len(value))
        piece = b64encode(b"\0" * before + value)[-(-bits[0] // 6) : bits[1] // 6]
        yield from (piece, piece.translate(bytes.maketrans(b"+/", b"-_")))


def files(*places: Path) -> Iterator[tuple[str, bytes]]:
    """Every file below the places: its name, its bytes, and what is compressed within it."""
    for path in (path for place in places for path in sorted(place.rglob("*")) if path.is_file()):
        yield str(path), str(path).encode() + b"\n" + path.read_bytes()
        if path.suffix == ".parquet":
            yield str(path), _text(_cells(pq.read_table(path)))
        elif path.suffix == ".duckdb":
            with duckdb.connect(str(path), read_only=True) as warehouse:
                names = "SELECT table_schema, table_name FROM information_schema.tables"
                for schema, name in warehouse.execute(f"{names} WHERE table_type = 'BASE TABLE'").fetchall():
                    rows = warehouse.execute(f'FROM "{schema}"."{name}"').to_arrow_table()
                    yield str(path), _text(_cells(rows))
        elif path.suffix == ".db":
            # Its pages part long values, and Dagster compresses some.
            with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as records:
                tables = records.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
                for (name,) in tables:
                    rows = records.execute(f'SELECT * FROM "{name}"')
                    yield str(path), _text(cell for row in rows for cell in row)


def _cells(table: pa.Table) -> Iterator[Any]:
    return (cell for column in table.columns for cell in column.to_pylist())


def _text(cells: Iterable[Any]) -> bytes:
    return b"\n".join(set(map(_bytes, cells)))


def _bytes(cell: Any) -> bytes:
    if not isinstance(cell, bytes):
        return str(cell).encode()
    try:
        return zlib.decompress(cell)
    except zlib.error:
        return cell
