"""The rows of one answer about one customer, put together from the objects within it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pyarrow as pa

from connectors.errors import ContractBroken
from connectors.stream import Exchange, Field, Page, rows_schema
from connectors.transport.json_exact import Read, new_objects, objects_within, renamed, type_row

Values = dict[str, Any]


@dataclass(frozen=True)
class Shape:
    """What the rows of a stream are made of.

    Attributes:
        columns: of the stream; those without a source are given by the context or by `Rows.add`.
        read: see `type_row`.
    """

    columns: tuple[Field, ...]
    read: Read

    @cached_property
    def given(self) -> list[Field]:
        """The columns without a source."""
        return [f for f in self.columns if not f.source]

    @cached_property
    def struct(self) -> pa.StructType:
        """A row."""
        return pa.struct(list(rows_schema(self.columns)))


class Rows:
    """Gathers the rows of an answer; what the answer does not repeat comes from its exchange's context."""

    def __init__(self, exchange: Exchange, shape: Shape) -> None:
        self._exchange = exchange
        self._shape = shape
        self._rows: list[Values] = []
        self._unknown: set[str] = set()

    @contextmanager
    def typing(self) -> Iterator[None]:
        """Around `typed`: one object that cannot be typed makes the whole answer one that is not kept to.

        Raises:
            ContractBroken: with the sentence that names the field.
        """
        try:
            yield
        except (ValueError, RecursionError) as error:
            raise ContractBroken(
                f"{self._exchange.operation} answered something else than its contract says: {error}"
            ) from None

    def typed(self, text: bytes, told: Mapping[str, Field], verbatim: Collection[str] = ()) -> Values:
        """The values of one object by column; its unknown members under `extra`.

        Raises:
            ValueError: it cannot be typed, or an object within it seems to have another name.
        """
        seen: set[str] = set()
        values, extra = type_row(text, told, verbatim, seen, self._shape.read)
        within = objects_within(told)
        # An object may be left out, but not when a new one has come.
        if (gone := within - seen) and (new := new_objects(extra)):
            raise ValueError(renamed(gone, new))
        self._unknown |= seen - told.keys() - within
        return {**values, "extra": extra}

    def add(self, *parts: Values, **given: Any) -> None:
        """One more row of these objects and given values; a later one goes before an earlier one."""
        extras = [part["extra"][1:-1] for part in parts if part["extra"]]
        row: Values = {}
        for part in parts:
            row |= part
        self._rows.append({**row, **given, "extra": "{" + ", ".join(extras) + "}" if extras else None})

    def page(self) -> Page:
        """The rows as a page."""
        given = {f.column: _of_context(self._exchange, f) for f in self._shape.given}
        # As structs: an array for each column takes twice as long for the few rows of an answer.
        rows = pa.array([given | row for row in self._rows], self._shape.struct)
        return Page(pa.RecordBatch.from_struct_array(rows), unknown_fields=frozenset(self._unknown))


def _of_context(exchange: Exchange, f: Field) -> Any:
    text = exchange.context.get(f.column)
    if text is None or f.type == pa.string():
        return text
    return text == "true" if f.type == pa.bool_() else int(text)
