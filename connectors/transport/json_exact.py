"""One JSON row at a time, exactly: every value of the declared type, or the reason why it is not."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import msgspec
import pyarrow as pa
from msgspec import Raw

from connectors.stream import Field, Presence, Quarantined

PYTHON: dict[pa.DataType, tuple[type, str]] = {
    pa.int64(): (int, "a whole number"),
    pa.string(): (str, "text"),
    pa.bool_(): (bool, "true or false"),
}
"""The Python type a column's values have, and its name for people."""

_KINDS = {
    type(None): "null",
    bool: "true or false",
    int: "a whole number",
    float: "a fraction",
    Decimal: "a fraction",
    str: "text",
    list: "a list",
}


def _unique(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for name, value in pairs:
        if name in members:
            raise ValueError(f"{name} appears twice")
        members[name] = value
    return members


# Made once: to make a decoder takes longer than to read a small row.
_read_row = json.JSONDecoder(object_pairs_hook=_unique, parse_float=Decimal).decode
_raw_members = msgspec.json.Decoder(dict[str, Raw]).decode


def members_of(body: bytes) -> dict[str, Raw]:
    """The members of a JSON object, each as the vendor wrote it.

    Raises:
        ValueError: it is no object, or one of its members appears twice.
    """
    members = _raw_members(body)
    # Numbers and letters do not matter for the count, and some of them Python would refuse.
    pairs = json.loads(body.decode(errors="replace"), object_pairs_hook=tuple, parse_int=str)
    if len(pairs) != len(members):
        raise ValueError("a member appears twice")
    return members


Read = Callable[[Any, pa.DataType], Any]
"""How a decoded value that is not null becomes one of a column's type.

Null when it says that there is none; a `ValueError` ("is text, not a whole number") when it is none.
"""


def exactly(value: Any, kind_of_column: pa.DataType) -> Any:
    """A value of JSON's own type for the column, and no other: the text "1" is no number."""
    python, name = PYTHON[kind_of_column]
    if type(value) is not python:
        raise ValueError(f"is {kind(value)}, not {name}")
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        raise ValueError("does not fit 64 bits")
    return value


def type_row(
    text: bytes,
    told: Mapping[str, Field],
    verbatim: Collection[str],
    seen: set[str],
    read: Read = exactly,
) -> tuple[dict[str, Any], str | None]:
    """The values of one row by column, and its unknown fields as the text of a JSON object.

    Parameters:
        text: the row as the vendor wrote it.
        told: the fields it should have, by the vendor's name; `a/b` is the member b of the object a.
            Without that object its fields are null.
        verbatim: columns that keep nested JSON as text.
        seen: is given the names of all its fields, and of the objects that hold some.
        read: makes the values that are not verbatim.

    Raises:
        ValueError: it cannot be typed; the sentence names the field.
    """
    row = _read_row(text.decode())
    if not isinstance(row, dict):
        raise ValueError(f"the row is {kind(row)}, not an object")  # noqa: TRY004  # the vendor's, not ours
    seen.update(row)
    # Nested and unknown values are kept in the vendor's own spelling: no number passes through ours.
    written = {name: bytes(raw).decode() for name, raw in _raw_members(text).items()}
    for name in objects_within(told):
        value = row.pop(name, None)
        inner = {} if value is None else _inner(name, value, written)
        seen.update(inner)
        row |= {source: None for source in told if source.startswith(f"{name}/")} if value is None else inner
    values = {}
    for source, f in told.items():
        nested = f.column in verbatim and row.get(source) is not None
        values[f.column] = written[source] if nested else _typed(row, source, f, read)
    unknown = [f"{json.dumps(name)}: {written[name]}" for name in row if name not in told]
    return values, "{" + ", ".join(unknown) + "}" if unknown else None


def objects_within(told: Iterable[str]) -> set[str]:
    """The objects within a row that hold some of its fields."""
    return {source.partition("/")[0] for source in told if "/" in source}


@dataclass(frozen=True, slots=True)
class Row:
    """A row that was typed: its text, its values by column, its unknown fields, and the names in it."""

    text: bytes
    values: dict[str, Any]
    extra: str | None
    names: set[str]


def without_renamed(rows: list[Row], within: set[str]) -> tuple[list[Row], list[Quarantined]]:
    """The rows, and those in which one of the objects `within` seems to have another name.

    An object may be left out; not where there is a new one that rows which have the object do not know.
    """
    usual = set[str]().union(*(new_objects(row.extra) for row in rows if within <= row.names))
    kept, doubtful = [], []
    for row in rows:
        gone, new = within - row.names, new_objects(row.extra) - usual
        if gone and new:
            doubtful.append(Quarantined(renamed(gone, new), row.text.decode(errors="replace")))
        else:
            kept.append(row)
    return kept, doubtful


def new_objects(extra: str | None) -> set[str]:
    """Names of the objects among the unknown fields of a row."""
    return {name for name, value in json.loads(extra or "{}").items() if isinstance(value, dict)}


def renamed(gone: Collection[str], new: Collection[str]) -> str:
    """What is wrong with a row that lacks some objects and has others that nobody knows."""
    return f"{', '.join(sorted(gone))} is missing; was it renamed to one of: {', '.join(sorted(new))}?"


def _inner(name: str, value: Any, written: dict[str, str]) -> dict[str, Any]:
    """The members of an object within a row by their path; `written` is given their own spelling."""
    if not isinstance(value, dict):
        raise ValueError(f"{name} is {kind(value)}, not an object")  # noqa: TRY004  # the vendor's, not ours
    members = _raw_members(written[name].encode())
    written |= {f"{name}/{member}": bytes(raw).decode() for member, raw in members.items()}
    return {f"{name}/{member}": inner for member, inner in value.items()}


def kind(value: Any) -> str:
    """What a decoded JSON value is, for people."""
    return _KINDS.get(type(value), "an object")


def _typed(row: Mapping[str, Any], source: str, f: Field, read: Read) -> Any:
    if source not in row:
        if f.presence is Presence.OPTIONAL:
            return None
        raise ValueError(f"{source} is missing")
    value = row[source]
    if value is not None:
        try:
            value = read(value, f.type)
        except ValueError as error:
            raise ValueError(f"{source} {error}") from None
    if value is None and f.presence is Presence.REQUIRED:
        raise ValueError(f"{source} is null")
    return value
