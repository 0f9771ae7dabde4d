"""A customer with twenty machines at Redstor, for what only our own side can get wrong."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from connectors.sandbox.plants.estates import redstor_subscription, steady
from connectors.sandbox.plants.plant import Finding, Plant, Tables
from connectors.sandbox.plants.subject import Subject, add

MACHINES, SKU = 20, "RS-MACHINE"


def machines(
    kind: str,
    code: str,
    meaning: str,
    finding: Finding,
    *books: str,
    reference: Callable[[Tables], None] | None = None,
) -> Plant:
    """A plant of such a customer.

    Parameters:
        finding: the one that must come.
        books: statements on our own books.
        reference: signs the customer up in its own way.
    """
    subject = Subject(kind)
    return Plant(
        kind=kind,
        vendor="",
        code=code,
        meaning=meaning,
        findings=(finding,),
        redstor=steady(redstor_subscription, subject, count=MACHINES),
        reference=reference or subject.of("redstor"),
        books=books,
    )


def of(kind: str, month: date) -> str:
    """Which charges or documents of a month are the customer's."""
    return f"billed_customer_id = '{Subject(kind).customer_id}' AND month = DATE '{month}'"


def recharge(kind: str, month: date, what: str, where: str = "true") -> str:
    """A fault in billing: charges of the customer with other figures."""
    return f"UPDATE billing.charge SET {what} WHERE {where} AND {of(kind, month)}"


def uncharge(kind: str, month: date, where: str = "true") -> str:
    """A fault in billing: charges of the customer that are lost."""
    return f"DELETE FROM billing.charge WHERE {where} AND {of(kind, month)}"


def charge_again(kind: str, month: date, where: str = "true", **cells: object) -> str:
    """A fault in billing: a charge of the customer once more, with some other cells."""
    replaced = "".join(f", {cell} AS {name}" for name, cell in cells.items())
    return (
        f"INSERT INTO billing.charge SELECT * REPLACE (md5(charge_line_id) AS charge_line_id{replaced}) "
        f"FROM billing.charge WHERE {where} AND {of(kind, month)}"
    )


def own_price(tables: Tables, card: str, customer: str, price: str, since: date = date(2024, 1, 1)) -> None:
    """A price of a machine on a card; of one customer, or of all where `customer` is empty."""
    add(
        tables,
        "rate",
        rate_card=card,
        customer_id=customer,
        sku=SKU,
        model="per_unit",
        tier_from="0",
        unit_price=price,
        valid_from=since.isoformat(),
    )
