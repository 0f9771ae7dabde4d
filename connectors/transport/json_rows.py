"""JSON pages to Arrow rows, typed to the letter: a figure is what the vendor wrote, or it is not there.

A page that fits the contract to the letter takes the fast path, whole pages at once through msgspec.
Any doubt sends it down the exact path, row by row: rows that cannot be typed go to quarantine and
unknown fields to `extra` (json_exact.py). Both give the same rows for the same page.

Facts that shape this: msgspec refuses 1.0, "1" and true for an integer, but takes the last of two
equal keys in silence and integers of any size; `pyarrow.array([1.5], int64)` gives 1 in silence.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from operator import attrgetter
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from msgspec import UNSET, Raw, UnsetType

from connectors.errors import ContractBroken
from connectors.stream import Exchange, Field, Page, Presence, Quarantined, rows_schema
from connectors.transport.json_exact import (
    PYTHON,
    Read,
    Row,
    exactly,
    members_of,
    objects_within,
    type_row,
    without_renamed,
)

ARRAY, OBJECT, NUMBERED = "[]", "{}", "{1}"
"""`rows_at`: the body is the array of rows; it is the one row; its members "1", "2" and so on are rows."""


class _Doubt(Exception):
    """The fast path cannot vouch for the page."""


@dataclass(frozen=True)
class JsonRows:
    """How one operation's answer holds the rows of a stream.

    Attributes:
        fields: the stream's columns, of type int64, string or bool. A source `a/b` is the member b of
            the object a, which a row may lack: then it is null.
        rows_at: member of the answer that holds the rows, or `ARRAY`, `OBJECT` or `NUMBERED`.
        beside: further members the answer is known to have.
        total_at: the one of `beside` that states a total.
        sources: column -> the vendor's name here where it is not the declared one; None where this
            operation does not tell the column, which is then null.
        given: columns the answer does not repeat, taken from the exchange's context.
        guids: columns that hold GUIDs; lower-cased, since vendors mix the cases of one id.
        verbatim: text columns that keep nested JSON as the vendor wrote it.
        value: makes the values of columns and the total, where the vendor does not keep to JSON's types.
    """

    fields: tuple[Field, ...]
    rows_at: str = ARRAY
    beside: frozenset[str] = frozenset()
    total_at: str = ""
    sources: Mapping[str, str | None] = field(default_factory=dict)
    given: frozenset[str] = frozenset()
    guids: frozenset[str] = frozenset()
    verbatim: frozenset[str] = frozenset()
    value: Read = exactly

    def read(self, exchange: Exchange) -> Page:
        """The rows of one answer; `vendor_total` is the number at `total_at` as it stands there.

        Raises:
            ContractBroken: the answer is not JSON or not of this shape, no row of it can be typed,
                or a field that must be there is missing from every row (it was renamed).
        """
        try:
            return self._whole(exchange)
        except (_Doubt, msgspec.DecodeError, ValueError, OverflowError, RecursionError):
            return self._row_by_row(exchange)

    @cached_property
    def _told(self) -> dict[str, Field]:
        """The fields this operation tells, by the vendor's name."""
        names = {f.column: self.sources.get(f.column, f.source) for f in self.fields}
        return {
            source: f
            for f in self.fields
            if f.column not in self.given and (source := names[f.column]) is not None
        }

    @cached_property
    def _schema(self) -> pa.Schema:
        return rows_schema(self.fields)

    def _batch(
        self, told: Mapping[str, Sequence[Any]], extra: Sequence[str | None], context: Mapping[str, str]
    ) -> pa.RecordBatch:
        """One record batch from columns of exact Python values."""
        columns = []
        for f in self.fields:
            if f.column in told:
                column = pa.array(told[f.column], f.type)
                columns.append(pc.ascii_lower(column) if f.column in self.guids else column)
            else:
                value = context.get(f.column) if f.column in self.given else None
                columns.append(pa.repeat(pa.scalar(value, pa.string()).cast(f.type), len(extra)))
        columns.append(pa.array(extra, pa.string()))
        return pa.RecordBatch.from_arrays(columns, schema=self._schema)

    @cached_property
    def _decode(self) -> Callable[[bytes], Any]:
        row = msgspec.defstruct(
            "Row",
            [(f.column, *_annotation(f)) for f in self._told.values()],
            rename={f.column: source for source, f in self._told.items()},
            forbid_unknown_fields=True,
            gc=False,
            kw_only=True,  # a contract may require a field after one that may be left out
        )
        if self.rows_at == OBJECT:
            return msgspec.json.Decoder(row).decode
        if self.rows_at == ARRAY:
            return msgspec.json.Decoder(list[row]).decode  # type: ignore[valid-type]  # made at run time
        members: list[Any] = [(self.rows_at, list[row])]  # type: ignore[valid-type]
        members += [(name, Any, UNSET) for name in self.beside]
        answer = msgspec.defstruct("Answer", members, forbid_unknown_fields=True)
        return msgspec.json.Decoder(answer).decode

    def _whole(self, exchange: Exchange) -> Page:
        if self.verbatim or self._within or self.value is not exactly or self.rows_at == NUMBERED:
            raise _Doubt
        answer = self._decode(exchange.body)
        total, keys = None, 0
        if self.rows_at == OBJECT:
            rows = [answer]
        elif self.rows_at == ARRAY:
            rows = answer
        else:
            rows = getattr(answer, self.rows_at)
            beside = {name: getattr(answer, name) for name in self.beside}
            keys = 1 + sum(value is not UNSET for value in beside.values())
            total = self._total(beside.get(self.total_at))
        told = {f.column: list(map(attrgetter(f.column), rows)) for f in self._told.values()}
        for f in self._told.values():
            column = told[f.column]
            keys += len(column)
            if f.presence is Presence.OPTIONAL and (left_out := column.count(UNSET)):
                keys -= left_out
                told[f.column] = [None if value is UNSET else value for value in column]
        if keys != _count_keys(exchange.body):
            raise _Doubt
        return Page(self._batch(told, [None] * len(rows), exchange.context), vendor_total=total)

    def _row_by_row(self, exchange: Exchange) -> Page:
        texts, total, unknown = self._open(exchange)
        rows: list[Row] = []
        quarantined: list[Quarantined] = []
        seen: set[str] = set()
        for text in texts:
            names: set[str] = set()
            try:
                rows.append(Row(text, *type_row(text, self._told, self.verbatim, names, self.value), names))
            except (ValueError, RecursionError) as error:
                quarantined.append(Quarantined(str(error), text.decode(errors="replace")))
            seen |= names
        if self._within:
            rows, doubtful = without_renamed(rows, self._within)
            quarantined += doubtful
        typed, extras = [row.values for row in rows], [row.extra for row in rows]
        new = seen - self._told.keys() - self._within
        if seen and (missing := self._missing(seen)):
            raise ContractBroken(
                f"{exchange.operation}: {', '.join(sorted(missing))} is missing from every row; "
                f"was it renamed to one of: {', '.join(sorted(new)) or 'nothing new'}?"
            )
        if quarantined and not typed:
            raise ContractBroken(
                f"{exchange.operation}: none of {len(quarantined)} rows can be typed: {quarantined[0].reason}"
            )
        told = {f.column: [row[f.column] for row in typed] for f in self._told.values()}
        return Page(
            self._batch(told, extras, exchange.context),
            quarantined=tuple(quarantined),
            unknown_fields=frozenset(unknown | new),
            vendor_total=total,
        )

    @cached_property
    def _within(self) -> set[str]:
        return objects_within(self._told)

    def _missing(self, seen: set[str]) -> set[str]:
        """What must be there and is in no row: fields, of an object within the row where that is there."""
        there = objects_within(seen)
        return {
            source
            for source, f in self._told.items()
            if f.presence is not Presence.OPTIONAL
            and source not in seen
            and ("/" not in source or not there.isdisjoint(objects_within([source])))
        }

    def _open(self, exchange: Exchange) -> tuple[list[bytes], int | None, set[str]]:
        """The text of each row, the total, and the unknown members beside the rows."""
        try:
            if self.rows_at == OBJECT:
                return [bytes(msgspec.json.decode(exchange.body, type=Raw))], None, set()
            if self.rows_at == ARRAY:
                return (
                    [bytes(text) for text in msgspec.json.decode(exchange.body, type=list[Raw])],
                    None,
                    set(),
                )
            members = members_of(exchange.body)
            if self.rows_at == NUMBERED:
                names = sorted((name for name in members if name.isascii() and name.isdigit()), key=int)
                texts = [bytes(members[name]) for name in names]
            elif self.rows_at in members:
                names = [self.rows_at]
                texts = [bytes(text) for text in msgspec.json.decode(members[self.rows_at], type=list[Raw])]
            else:
                raise ValueError(f"it has no {self.rows_at}")  # noqa: TRY301  # one sentence for all ways
            total = members.get(self.total_at)
            return (
                texts,
                None if total is None else self._total(msgspec.json.decode(total)),
                set(members) - self.beside - set(names),
            )
        except (ValueError, RecursionError) as error:
            raise ContractBroken(
                f"{exchange.operation} answered something else than its contract says: {error}"
            ) from None

    def _total(self, value: Any) -> int | None:
        if value is None or value is UNSET:
            return None
        try:
            total: int | None = self.value(value, pa.int64())
        except ValueError as error:
            raise ValueError(f"its total {error}") from None
        return total


def _annotation(f: Field) -> tuple[Any, ...]:
    """msgspec's type and default for a field."""
    python = PYTHON[f.type][0]
    match f.presence:
        case Presence.REQUIRED:
            return (python,)
        case Presence.NULLABLE:
            return (python | None,)
        case Presence.OPTIONAL:
            return (python | None | UnsetType, UNSET)


def _count_keys(body: bytes) -> int:
    """How many object keys a JSON text has at most; raises `_Doubt` where the count could be too low.

    Every key ends in a quote, and a colon follows it. If no colon at all follows white space, the
    colons right after a quote are the keys, and at worst some inside strings: so if they are as many
    as the decoded keys, no key was there twice.
    """
    text = np.frombuffer(body, np.uint8)
    before = text[np.flatnonzero(text == ord(":")) - 1]
    if (before <= ord(" ")).any():
        raise _Doubt
    return int((before == ord('"')).sum())
