"""RATING.md section 5, whose: on which invoice a customer stands, at what terms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from tests.oracle.world import Row, World, days_of, holds, latest_in


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of the customer that is billed."""

    billed: str
    entity: str
    zone: str
    currency: str
    card: str
    tax_code: str


def terms_of(world: World, customer: str, month: date) -> Terms | None:
    """On whose invoice the customer's usage of the month stands; None when on nobody's."""
    row = latest_in(world.rows("customer", customer_id=customer), month)
    if row is None:
        return None
    if row["bill_to"] == "parent":
        return terms_of(world, row["parent_customer_id"], month)
    (entity,) = world.rows("billing_entity", billing_entity_id=row["billing_entity_id"])
    return Terms(
        customer,
        row["billing_entity_id"],
        entity["time_zone"],
        row["currency"],
        row["rate_card"],
        row["tax_code"],
    )


def exchange(world: World, source: str, target: str, month: date) -> Fraction | None:
    """What one unit of a currency is worth in another on the last day of the month; None is unknown."""
    if source == target:
        return Fraction(1)
    last = days_of(month)[-1]
    rates = world.rows("fx_rate", from_currency=source, to_currency=target)
    return next((Fraction(row["rate"]) for row in rates if holds(row, last)), None)


def currency_of(world: World, card: str) -> str:
    """Of every price on a rate card."""
    (row,) = world.rows("rate_card", rate_card=card)
    return str(row["currency"])


def tax_of(world: World, code: str, tax_class: str, month: date) -> Row:
    """How a line is taxed."""
    for kind in (tax_class, "*"):
        rows = [row for row in world.rows("tax_rate", tax_code=code) if (row.get("tax_class") or "*") == kind]
        if row := latest_in(rows, month):
            return row
    raise LookupError(f"{code} {tax_class} in {month}")
