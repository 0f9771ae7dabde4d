"""Answers to rows, by the part of the contract file that travels with every answer."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
from msgspec import Raw

from connectors.errors import ContractBroken
from connectors.parser import parser as parser_of_rows
from connectors.revirt365.answer import at, number_at, rows_at
from connectors.stream import Exchange, Field, Page, Presence
from connectors.transport.json_exact import members_of
from connectors.transport.json_rows import ARRAY, JsonRows

_WHOLE = re.compile(rb"-?(0|[1-9][0-9]{0,18})")
_WHOLE_AS_TEXT = re.compile(rb'"-?(0|[1-9][0-9]{0,18})"')
_FLAG_AS_TEXT = re.compile(rb'"(true|false)"')
_OURS = {pa.string(): "text", pa.int64(): "number", pa.bool_(): "flag"}


class _Column(msgspec.Struct):
    source: str
    presence: str = ""
    type: str = ""


class _Reading(msgspec.Struct):
    rows_at: str
    fields: dict[str, _Column]
    total_at: str | None
    given: list[str]
    other_fields: list[str]


def parser(columns: tuple[Field, ...]) -> Callable[[Exchange], Page]:
    """The `parse` of a stream with these columns."""

    @cache
    def reader(contract: str) -> _Reader:
        return _Reader.of(columns, msgspec.json.decode(contract, type=_Reading))

    return parser_of_rows(columns, lambda exchange: reader(exchange.context["contract"]).read(exchange))


@dataclass(frozen=True)
class _Reader:
    """Reads the rows of one contract."""

    reading: _Reading
    rows: JsonRows
    nested: list[str]  # sources that are pointers into the row
    respelled: dict[str, tuple[str, str]]  # the vendor's name -> its type, ours
    asked_for: tuple[str, ...]  # columns that both the request and the row name
    known: frozenset[str]  # further members of the rows; they stay in `extra`
    figures: tuple[Field, ...]  # columns with a quantity that the rows tell

    @classmethod
    def of(cls, columns: tuple[Field, ...], reading: _Reading) -> _Reader:
        told = {name: _plain(column.source) for name, column in reading.fields.items()}
        given = frozenset(reading.given) & {f.column for f in columns}
        fields = tuple(_declared(f, reading.fields.get(f.column)) for f in columns)
        types = {f.column: _OURS[f.type] for f in columns}
        return cls(
            reading,
            JsonRows(
                fields,
                ARRAY,
                sources={f.column: told.get(f.column) for f in columns},
                given=given - told.keys(),
            ),
            [column.source for column in reading.fields.values() if column.source.startswith("/")],
            {
                _plain(column.source): (column.type, types[name])
                for name, column in reading.fields.items()
                if column.type not in ("", types[name])
            },
            tuple(sorted(given & told.keys())),
            frozenset(reading.other_fields).union(
                column.source.split("/")[1] for column in reading.fields.values() if "/" in column.source
            ),
            tuple(f for f in columns if f.unit and f.column in told),
        )

    def read(self, exchange: Exchange) -> Page:
        """The rows of one answer.

        Raises:
            ContractBroken: it is not of the contract's shape, or tells of others than were asked for.
        """
        try:
            texts = rows_at(exchange.body, self.reading.rows_at)
            total = number_at(exchange.body, self.reading.total_at) if self.reading.total_at else None
        except (ValueError, RecursionError) as error:
            raise ContractBroken(
                f"{exchange.operation} answered something else than the contract file says: {error}"
            ) from None
        body = b"[" + b",".join(map(self._flat, texts)) + b"]"
        page = self.rows.read(replace(exchange, body=body))
        for column in self.asked_for:
            asked = exchange.context[column]
            told = page.rows.column(column)
            if not pc.all(pc.equal(told, asked), min_count=0).as_py():
                raise ContractBroken(
                    f"{exchange.operation} was asked about {column} {asked} and tells of another one"
                )
        unknown = page.unknown_fields - self.known
        if unknown:
            self._no_figure_is_renamed(exchange.operation, page.rows)
        return replace(page, vendor_total=total, unknown_fields=unknown)

    def _no_figure_is_renamed(self, operation: str, rows: pa.RecordBatch) -> None:
        """Take a figure that is left out for none only where the row has no unknown member instead.

        Raises:
            ContractBroken: a row has one.
        """
        told = {f.column: self.reading.fields[f.column].source for f in self.figures}
        for row in rows.select(["extra", *told]).to_pylist():
            new = json.loads(row["extra"] or "{}").keys() - self.known
            if new and (gone := [source for column, source in told.items() if row[column] is None]):
                raise ContractBroken(
                    f"{operation}: a row has no {' and no '.join(gone)} but {', '.join(sorted(new))}, which "
                    "the contract file does not know. Where it is that figure by another name, map it; "
                    "where it is not, list it in other_fields"
                )

    def _flat(self, row: bytes) -> bytes:
        """The row with the values of nested sources as members of their own, spelled in our types."""
        if not self.nested and not self.respelled:
            return row
        try:
            members = dict(members_of(row))
            for source in self.nested:
                if (value := at(row, source)) is not None:
                    members[_plain(source)] = value
        except (ValueError, RecursionError):
            return row  # the rows' reader finds the same, and says which row it is
        pairs = (
            msgspec.json.encode(name) + b":" + self._spelled(name, value) for name, value in members.items()
        )
        return b"{" + b",".join(pairs) + b"}"

    def _spelled(self, name: str, value: Raw) -> bytes:
        text = bytes(value)
        match self.respelled.get(name):
            case ("number", "text") if _WHOLE.fullmatch(text):
                return b'"' + text + b'"'
            case ("text", "number") if _WHOLE_AS_TEXT.fullmatch(text):
                return text[1:-1]
            case ("text", "flag") if _FLAG_AS_TEXT.fullmatch(text):
                return text[1:-1]
            case _:
                return text


def _plain(source: str) -> str:
    """The name of a nested member once it stands in the row itself, such as customer.id."""
    return (
        source.strip("/").replace("~1", "/").replace("~0", "~").replace("/", ".") if "/" in source else source
    )


def _declared(f: Field, column: _Column | None) -> Field:
    """Our column as the contract file declares it: null and left out are the same to this vendor."""
    if column is None:
        return f
    required = column.presence == "required" or (not column.presence and f.presence is Presence.REQUIRED)
    return replace(f, presence=Presence.REQUIRED if required else Presence.OPTIONAL)
