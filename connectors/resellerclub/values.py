"""How the platform writes values: nearly everything as text, and now and then not.

Source: LogicBoxes HTTP API; captured answers hold "0.000" beside 0.0, "false" beside false and ids
both as text and as numbers. Instants are seconds since 1970 in text.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa

from connectors.transport.json_exact import kind

INSTANT = pa.timestamp("us", "UTC")
MONEY = pa.decimal128(28, 9)

_WHOLE = re.compile(r"-?[0-9]{1,18}")
_DECIMAL = re.compile(r"-?[0-9]{1,19}(\.[0-9]{1,9})?")
_SECONDS = re.compile(r"[0-9]{1,12}")
_FLAGS = {"true": True, "false": False}


def value(told: Any, type_: pa.DataType) -> Any:
    """What the vendor means by a JSON value in a column of that type.

    Empty text is no value, and 0 is no instant: read as 1970 it would end an order unnoticed.

    A fraction arrives as `Decimal` in the vendor's own digits; no value passes through float.

    Raises:
        ValueError: it means nothing there; the rest of a sentence that begins with the field.
    """
    if told == "":
        return None
    if isinstance(told, bool):
        text = str(told).lower()
    elif isinstance(told, str | int | Decimal):
        text = format(told, "f") if isinstance(told, Decimal) and told.is_finite() else str(told)
    else:
        raise ValueError(f"is {kind(told)}, not {_name(type_)}")  # noqa: TRY004  # the vendor's, not ours
    if type_ == pa.string() and not isinstance(told, bool | Decimal):
        return text
    if type_ == pa.bool_() and text in _FLAGS:
        return _FLAGS[text]
    if type_ == pa.int64() and _WHOLE.fullmatch(text):
        return int(text)
    if type_ == MONEY and _DECIMAL.fullmatch(text):
        return Decimal(text)
    if type_ == INSTANT and _SECONDS.fullmatch(text):
        return _instant(text) if int(text) else None
    raise ValueError(f"is {text[:40]!r}, not {_name(type_)}")


def _instant(seconds: str) -> datetime:
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (OverflowError, ValueError, OSError):
        raise ValueError(f"is {seconds}, which no calendar has") from None


def _name(type_: pa.DataType) -> str:
    names = {
        pa.string(): "text",
        pa.bool_(): "true or false",
        pa.int64(): "a whole number",
        MONEY: "an amount",
        INSTANT: "seconds since 1970",
    }
    return names[type_]
