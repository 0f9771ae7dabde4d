"""What the `parse` of a stream does before it reads: an exchange that holds no rows is an empty page."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import pyarrow as pa

from connectors.stream import Exchange, Field, Page, Role, rows_schema


@lru_cache
def empty_page(columns: tuple[Field, ...]) -> Page:
    """A page of these columns without rows."""
    schema = rows_schema(columns)
    return Page(pa.RecordBatch.from_arrays([pa.nulls(0, kind) for kind in schema.types], schema=schema))


def parser(columns: tuple[Field, ...], read: Callable[[Exchange], Page]) -> Callable[[Exchange], Page]:
    """The `parse` of a stream with these columns: `read` where there are rows, else an empty page."""
    nothing = empty_page(columns)

    def parse(exchange: Exchange) -> Page:
        return read(exchange) if exchange.role in (Role.ROWS, Role.SECOND_LOOK) else nothing

    return parse
