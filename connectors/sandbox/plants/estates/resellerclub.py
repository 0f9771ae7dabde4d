"""What ResellerClub tells of a plant's customer."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time
from decimal import Decimal

from connectors.sandbox.plants.subject import Subject
from connectors.sandbox.resellerclub.estate import (
    PLANS,
    Customer,
    Order,
    ResellerClubDay,
    Transaction,
    costs_on,
)
from connectors.sandbox.resellerclub.plans import months_after

_SINCE = datetime(2025, 1, 1, 8, tzinfo=UTC)


def resellerclub_order(
    shown: ResellerClubDay,
    on: date,
    subject: Subject,
    *,
    gib: int,
    created_on: date,
    months: int = 12,
    status: str = "Active",
    paid: Decimal | None = None,
    tag: int = 0,
) -> ResellerClubDay:
    """A customer with one order at ResellerClub from the day of its creation, or with one more.

    Parameters:
        months: until it ends.
        paid: what was charged for it, without a sign; the price of its plan when None.
        tag: tells several orders of the customer apart.
    """
    plan, own = PLANS[0], subject.resellerclub
    if on < created_on:
        return shown
    created_at = datetime.combine(created_on, time(9), UTC)
    order = Order(
        order_id := 600_000_000 + 4 * subject.number + tag,
        own,
        plan,
        months,
        gib,
        created_at,
        months_after(created_at, months),
        status,
        True,
    )
    customer = Customer(
        own,
        f"billing@{subject.kind}.example",
        "Contact",
        subject.name,
        "Utrecht",
        "NL",
        "5550000000",
        "",
        "Active",
        _SINCE,
    )
    charged = Transaction(
        order_id * 1_000,
        created_at,
        "invoice",
        order_id,
        plan.product_key,
        -(costs_on(plan, created_on)[months] if paid is None else paid),
        f"Addition: {plan.name}",
    )
    return replace(
        shown,
        customers=(*shown.customers, *(() if own in shown.customers_by_id else (customer,))),
        orders=(*shown.orders, order),
        transactions=tuple(
            sorted((*shown.transactions, charged), key=lambda row: (row.at, row.transaction_id))
        ),
    )
