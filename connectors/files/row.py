"""One row of a file: cells that are what the file says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

DIGITS = 15  # that a binary fraction keeps of a decimal one


@dataclass(frozen=True)
class Unreadable:
    """A cell without a value that counts; why, and how to mend it."""

    reason: str


Cell = str | Decimal | date | bool | Unreadable | None
"""What a cell holds; None where it is empty. A CSV file has only texts."""


@dataclass(frozen=True)
class Row:
    """One row, by the number that a person sees beside it."""

    number: int
    cells: tuple[Cell, ...]


def binary(value: float) -> Decimal | Unreadable:
    """The number meant by a binary fraction: the shortest decimal that it stands for."""
    try:
        number = Decimal(repr(value))
    except ArithmeticError:
        return Unreadable("is no number")
    if not number.is_finite():
        return Unreadable("is no number")
    if len(number.normalize().as_tuple().digits) > DIGITS:
        return Unreadable(
            f"is kept by the sheet as {value!r}, more than the {DIGITS} digits it is good for: round it in "
            "the sheet, or export it as CSV"
        )
    return number
