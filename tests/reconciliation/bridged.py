"""A warehouse in memory whose charges are given, and its bridge."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from tests.reconciliation.checked import Finding, found
from tests.warehouse.invoiced import Books, next_month
from warehouse.build import fill
from warehouse.calendar import set_months
from warehouse.models import models

PARTS = (
    *("price", "volume", "new_business", "lost_business", "fx", "correction", "contract"),
    "rounding",
)
DERIVED = ("billing.fx_in_force", "reconciliation.book_rate", "reconciliation.bridge")


def bridge(book: Books, *months: date) -> None:
    """Fill the bridge of the months and of the one before the first, all at once."""
    set_months(book.connection, months, next_month(max(months)))
    for model in models():
        if model.name in DERIVED:
            fill(book.connection, model, months)


def parts(book: Books, month: date, **chosen: str) -> dict[str, Decimal]:
    """What the parts of a month add up to that are not zero."""
    where = "".join(f" AND {name} = '{value}'" for name, value in chosen.items())
    (row,) = book.ask(
        f"SELECT {', '.join(f'coalesce(sum({part}), 0)' for part in PARTS)} "
        f"FROM reconciliation.bridge WHERE month = ?{where}",
        month,
    )
    return {name: value.normalize() for name, value in zip(PARTS, row, strict=True) if value}


def unexplained(book: Books, *months: date) -> list[Finding]:
    return found(book.connection, "bridge_unexplained", *months)
