"""One cell as what a mapping says it is: text, an exact number, a date, yes or no."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from iso4217 import Currency

from connectors.files.mapping import Mapping
from connectors.files.row import Cell, Unreadable

LONGEST = 50  # characters of a number
_CURRENCIES = frozenset(currency.code for currency in Currency)
_INSTANT = (
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?(Z|[+-][0-9]{2}:?[0-9]{2})?"
)
_YES, _NO = frozenset({"yes", "true", "1", "y"}), frozenset({"no", "false", "0", "n"})


class Mistake(ValueError):
    """What is wrong with a cell and how to mend it, to follow its place in a sentence."""


def text(cell: Cell) -> str | None:
    """The cell as text; a whole number as its digits."""
    match cell:
        case Unreadable():
            raise Mistake(cell.reason)
        case Decimal():
            return f"{cell:f}" if cell % 1 else str(int(cell))
        case None:
            return None
        case _:
            return str(cell)


def number(cell: Cell, mapping: Mapping) -> Decimal | None:
    """The cell as an exact number."""
    match cell:
        case Unreadable():
            raise Mistake(cell.reason)
        case None | Decimal():
            return cell
        case str():
            return _parsed(cell, mapping)
        case _:
            raise Mistake(f"is {cell}, not a number")


def day(cell: Cell, date_format: str) -> date | None:
    """The cell as a date; of a month, any day of it."""
    match cell:
        case Unreadable():
            raise Mistake(cell.reason)
        case None:
            return None
        case date():
            return cell
        case str():
            if not date_format and re.fullmatch(_INSTANT, cell):
                return _instant(cell).date()
            for pattern in (date_format,) if date_format else ("%Y-%m-%d", "%Y-%m"):
                try:
                    return datetime.strptime(cell, pattern).date()  # noqa: DTZ007  # a date has no zone
                except ValueError:
                    continue
            wanted = date_format or "YYYY-MM-DD"
            raise Mistake(f"is {cell!r}, not a date as {wanted}; [table] date_format says how it is written")
        case _:
            raise Mistake(f"is {cell}, not a date")


def day_after(cell: Cell, date_format: str) -> date | None:
    """The first day that is wholly after a period which ends at the cell's date or instant."""
    told = day(cell, date_format)
    if told and not date_format and isinstance(cell, str) and re.fullmatch(_INSTANT, cell):
        return told if _instant(cell).time() == time() else told + timedelta(days=1)
    return told


def currency(cell: Cell) -> str | None:
    """The cell as a code of ISO 4217."""
    told = text(cell)
    if told and told not in _CURRENCIES:
        raise Mistake(f"is {told!r}, not a currency of ISO 4217 such as EUR")
    return told


def fits(value: Decimal, digits: int, scale: int) -> Decimal:
    """The value, if it fits a DECIMAL to the last digit."""
    if abs(value) >= Decimal(10) ** (digits - scale) or value != value.quantize(Decimal(1).scaleb(-scale)):
        raise Mistake(
            f"is {value:f}, which does not fit {digits - scale} digits and {scale} decimals: round it"
        )
    return value


def yes_or_no(cell: Cell) -> bool | None:
    """The cell as a flag."""
    told = (text(cell) or "").lower()
    if told in _YES | _NO:
        return told in _YES
    if told:
        raise Mistake(f"is {told!r}, neither yes nor no")
    return None


def _instant(cell: str) -> datetime:
    try:
        return datetime.fromisoformat(cell)
    except ValueError as error:
        raise Mistake(f"is {cell!r}, not an instant: {error}") from None


def _parsed(cell: str, mapping: Mapping) -> Decimal:
    how = mapping.csv
    grouped = rf"[0-9]{{1,3}}({re.escape(how.thousands)}[0-9]{{3}})+|" if how.thousands else ""
    written = rf"[+-]?({grouped}[0-9]+)({re.escape(how.decimal)}[0-9]+)?"
    if len(cell) > LONGEST or not re.fullmatch(written, cell):
        raise Mistake(
            f"is {cell[:LONGEST]!r}, not a number with {how.decimal!r} before its fraction"
            + (f" and {how.thousands!r} between thousands" if how.thousands else "")
            + "; [csv] says how numbers are written"
        )
    plain = cell.replace(how.thousands, "") if how.thousands else cell
    return Decimal(plain.replace(how.decimal, "."))
