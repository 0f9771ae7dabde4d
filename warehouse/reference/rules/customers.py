"""Rules of customers, and of whose usage a vendor account is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from warehouse.reference.rows import Mistake, Row, Rows
from warehouse.reference.rules.time import end, grouped

NEEDED_TO_INVOICE = ("billing_entity_id", "currency", "rate_card", "tax_code")
NEEDED_FOR_STATE = {"mapped": ("customer_id",), "excluded": ("reason", "valid_to")}


def terms_are_complete(rows: Rows) -> Iterator[Mistake]:
    """Who gets an invoice has all that it takes; who does not has somebody above it."""
    for row in rows["customer"]:
        if row["bill_to"] == "parent" and not row["parent_customer_id"]:
            what = "is empty, but its invoice goes to its parent"
            yield row.mistake("parent_customer_id", what, "Name the parent or set bill_to to self")
        for column in NEEDED_TO_INVOICE if row["bill_to"] == "self" else ():
            if row[column] is None:
                what = "is empty, but the customer gets its own invoice"
                yield row.mistake(column, what, "Fill it in or set bill_to to parent")


def prices_are_ours(rows: Rows) -> Iterator[Mistake]:
    """A customer is billed by a card of sell prices."""
    sides = {row["rate_card"]: row["side"] for row in rows["rate_card"]}
    for row in rows["customer"]:
        if sides.get(row["rate_card"]) == "cost":
            what = f"{row['rate_card']!r} is a cost card"
            yield row.mistake("rate_card", what, "Name the card with what we charge, of side sell")


def nobody_is_above_itself(rows: Rows) -> Iterator[Mistake]:
    """In no month does the way up the tree come back to where it began."""
    terms = {customer: group for (customer,), group in grouped(rows["customer"], "customer_id").items()}
    for row in rows["customer"]:
        # Terms hold for the whole month they begin in, so that is when a circle closes.
        month, above, seen = row["valid_from"].replace(day=1), row["parent_customer_id"], set[str]()
        while above and above not in seen and above != row["customer_id"]:
            seen.add(above)
            latest = _terms(terms.get(above, []), month)
            above = latest["parent_customer_id"] if latest else None
        if above == row["customer_id"]:
            yield row.mistake("parent_customer_id", f"{above!r} is its own ancestor", "Break the circle")


def _terms(rows: list[Row], month: date) -> Row | None:
    next_month = (month + timedelta(days=31)).replace(day=1)
    held = [row for row in rows if row["valid_from"] < next_month and end(row) > month]
    return max(held, key=lambda row: row["valid_from"], default=None)


def mapping_says_whose(rows: Rows) -> Iterator[Mistake]:
    """A mapped account names its customer; an excluded one why, and until when."""
    for row in rows["account_mapping"]:
        for column in NEEDED_FOR_STATE[row["state"]]:
            if row[column] is None:
                yield row.mistake(column, f"is empty, but the account is {row['state']}", "Fill it in")
