"""One cell of a reference table: from its text to its type, and back to the one way to write it."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from iso4217 import Currency

from warehouse.reference import schema
from warehouse.reference.schema import UNITS, Column, Type

CURRENCIES = {currency.code: currency.exponent for currency in Currency if currency.exponent is not None}


def value(kind: Type, text: str) -> Any:
    """The cell in its type: str, int, date or Decimal.

    Raises:
        ValueError: it is not of the type.
    """
    if not re.fullmatch(kind.pattern, text):
        raise ValueError(text)
    if kind.sql == "DATE":
        return date.fromisoformat(text)
    if kind.sql == "BIGINT":
        return int(text)
    if kind.sql.startswith("DECIMAL"):
        return Decimal(text)
    if (kind is schema.CURRENCY and text not in CURRENCIES) or (kind is schema.UNIT and text not in UNITS):
        raise ValueError(text)
    if kind is schema.ZONE:
        _zone(text)
    return text


@cache
def default(column: Column) -> Any:
    """What an empty cell of the column stands for, in its type."""
    return value(column.type, column.default) if column.default else column.default


def filled(column: Column, cell: Any) -> Any:
    """The cell, or what stands for it when it is empty."""
    return default(column) if cell is None else cell


def plain(cell: Any) -> str:
    """The one text for a cell: equal cells have the same, whoever wrote them."""
    if cell is None:
        return ""
    if isinstance(cell, Decimal):
        text = f"{cell:f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
        return "0" if text == "-0" else text
    return str(cell)


def words(kind: Type) -> str:
    """What a cell of the type is, as the end of "is not ..."."""
    if kind.words.startswith(("one of", "text", "letters")):
        return kind.words
    return f"{'an' if kind.words.startswith('I') else 'a'} {kind.words}"


def remedy(column: Column) -> str:
    """What to write in the column, as one sentence without its point."""
    return f"Use one of {', '.join(UNITS)}" if column.type is schema.UNIT else column.meaning.rstrip(".")


def _zone(text: str) -> None:
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, OSError):  # OSError: the name of a folder of zones
        raise ValueError(text) from None
