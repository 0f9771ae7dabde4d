"""What the text of an XML element is worth as a value: one text at a time, or a whole column at once.

A number is exactly what the vendor wrote or it is refused: no 12.0 for a whole number, no `yes` for a
boolean. Times keep the clock as written: up to microseconds, any offset put aside, since the vendors'
fields are in a zone of their own. .NET writes an unset time as 0001-01-01T00:00:00: that is no time.
"""

from __future__ import annotations

import re
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

STRING, INT64, BOOL, TIMESTAMP = pa.string(), pa.int64(), pa.bool_(), pa.timestamp("us")
UNSET = datetime(1, 1, 1)  # noqa: DTZ001  # .NET's DateTime.MinValue has no zone

_WHOLE = re.compile(r"[+-]?[0-9]{1,99}")
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
_CLOCK = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?"
_OFFSET = r"(?:Z|[+-][0-9]{2}:[0-9]{2})"
_TIME = re.compile(rf"({_CLOCK}){_OFFSET}?")
_MICROSECONDS = len("2026-11-22T00:00:00.123456")


class Untypable(Exception):
    """A text is no value of its column's type; the message says why."""


class NotPlain(Exception):
    """A column holds texts that only the reader of one text at a time can judge."""


def value(text: str, kind: pa.DataType) -> object:
    """The value of one text; None for .NET's unset time.

    Raises:
        Untypable: it is none.
    """
    if kind == STRING:
        return text
    text = text.strip(" \t\n\r")
    if kind == INT64:
        return _whole(text)
    if kind == BOOL:
        if text in _BOOLEANS:
            return _BOOLEANS[text]
        raise Untypable(f"{text!r} is not true or false")
    return _time(text)


def _whole(text: str) -> int:
    if _WHOLE.fullmatch(text) and -(2**63) <= (number := int(text)) < 2**63:
        return number
    raise Untypable(f"{text!r} is not a whole number of 64 bits")


def _time(text: str) -> datetime | None:
    if match := _TIME.fullmatch(text):
        try:
            instant = datetime.fromisoformat(match[1][:_MICROSECONDS])
        except ValueError:
            pass
        else:
            return None if instant == UNSET else instant
    raise Untypable(f"{text!r} is not a date and time")


def column(texts: pa.Array, kind: pa.DataType) -> pa.Array:
    """The values of a column of texts; nulls stay null.

    Raises:
        NotPlain: a text is no value, or is written in a form that needs `value`.
    """
    if texts.type == kind:
        return texts
    try:
        return _booleans(texts) if kind == BOOL else _times(texts)
    except pa.ArrowInvalid as error:
        raise NotPlain(str(error)) from None


def _booleans(texts: pa.Array) -> pa.Array:
    _all(pc.is_in(texts, value_set=pa.array([*_BOOLEANS, None], STRING)))
    return pc.cast(texts, BOOL)


def _times(texts: pa.Array) -> pa.Array:
    _all(pc.match_substring_regex(texts, rf"\A{_CLOCK}{_OFFSET}?\z"))
    clocks = pc.replace_substring_regex(texts, rf"{_OFFSET}\z", "")
    times = pc.cast(pc.utf8_slice_codeunits(clocks, 0, _MICROSECONDS), TIMESTAMP)
    unset = pa.scalar(UNSET, TIMESTAMP)
    _all(pc.greater_equal(times, unset))  # Arrow knows a year 0, XML and Python do not
    return pc.if_else(pc.equal(times, unset), pa.scalar(None, TIMESTAMP), times)


def _all(holds: pa.Array) -> None:
    if not pc.all(holds, min_count=0).as_py():
        raise NotPlain("a text is written in another form")
