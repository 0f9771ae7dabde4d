"""Reads one day of the ResellerClub estate off its plans."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from itertools import takewhile
from operator import attrgetter

from connectors.sandbox.portfolio import EPOCH, day_number
from connectors.sandbox.resellerclub.estate import Customer, Order, ResellerClubDay, Transaction, costs_on
from connectors.sandbox.resellerclub.plans import (
    OrderPlan,
    ResellerClubPlans,
    customer_id,
    months_after,
)

_LISTED = timedelta(days=60)
"""For so long after its end an order is still found."""

_EXTRA_GIB = Decimal("0.055")


def resellerclub_day(plans: ResellerClubPlans, day: date, zone: tzinfo) -> ResellerClubDay:
    """ResellerClub's state at the end of `day` in `zone`."""
    n, closes = day_number(day), datetime.combine(day + timedelta(days=1), time(), zone)
    customers = tuple(
        Customer(
            customer_id(customer.index),
            f"billing@customer{customer.index}.example",
            f"Contact {customer.index}",
            customer.name,
            ("London", "Mumbai", "Łódź")[customer.index % 3],
            ("GB", "IN", "PL")[customer.index % 3],
            phone,
            pin,
            "Deleted" if n >= customer.left else "Suspended" if customer.index % 17 == 6 else "Active",
            datetime.combine(EPOCH + timedelta(days=max(customer.joined, -400)), time(8), UTC),
        )
        for customer, phone, pin in plans.customers
        if customer.joined <= n
    )
    ordered = [plan for plan in plans.orders if plan.created_at < closes]
    orders = [_order(plan, n, closes) for plan in ordered]
    transactions = [row for plan in ordered for row in _invoices(plan, closes)]
    transactions += [row for row in _others(closes) if row.at < closes]
    return ResellerClubDay(
        day,
        customers,
        tuple(sorted((row for row in orders if closes - row.ends_at < _LISTED), key=attrgetter("order_id"))),
        tuple(sorted(transactions, key=attrgetter("at", "transaction_id"))),
        plans.reseller_password,
        plans.reseller_pin,
    )


def _order(plan: OrderPlan, n: int, closes: datetime) -> Order:
    ends = max(until for _, until in _terms(plan, closes))
    status = "Active"
    if ends < closes:
        status = "InActive" if closes - ends < timedelta(days=15) else "Deleted"
    elif n >= plan.suspended:
        status = "Suspended"
    return Order(
        plan.order_id,
        customer_id(plan.customer),
        plan.plan,
        plan.months,
        plan.gib + sum(more for at, more in _added(plan, min(closes, ends))),
        plan.created_at,
        ends,
        status,
        n < plan.stops,
    )


def _terms(plan: OrderPlan, closes: datetime) -> Iterator[tuple[datetime, datetime]]:
    """(bought at, until) of the terms that are paid for by then."""
    return takewhile(lambda term: term[0] < closes, plan.terms())


def _added(plan: OrderPlan, until: datetime) -> list[tuple[datetime, int]]:
    """(when, how many gigabytes) for each time that storage was added."""
    added = [(datetime.combine(EPOCH + timedelta(days=n), time(12), UTC), gib) for n, gib in plan.grows]
    return [row for row in added if plan.created_at < row[0] < until]


def _invoices(plan: OrderPlan, closes: datetime) -> Iterator[Transaction]:
    """One for each term, and one for each time that storage was added."""
    terms = list(_terms(plan, closes))
    owed = [
        (bought, costs_on(plan.plan, bought.date())[plan.months], "Renewal" if count else "Addition")
        for count, (bought, _) in enumerate(terms)
    ]
    owed += [
        (at, (gib * _EXTRA_GIB).quantize(Decimal("0.001")), f"{gib} GB more")
        for at, gib in _added(plan, min(closes, terms[-1][1]))
    ]
    for count, (at, amount, what) in enumerate(sorted(owed)):
        yield Transaction(
            plan.order_id * 1_000 + count,
            at,
            "invoice",
            plan.order_id,
            plan.plan.product_key,
            -amount,
            f"{what}: {plan.plan.name}",
        )


def _others(closes: datetime) -> Iterator[Transaction]:
    """A payment on the 1st at midnight, a domain charged on the 14th, and a credit once a year."""
    month, count = datetime(2025, 1, 1, tzinfo=UTC), 0
    while month < closes:
        key = 70_000_000 + count * 10
        yield Transaction(key, month, "receipt", None, None, Decimal("25000.000"), "Wire transfer")
        yield Transaction(
            key + 1,
            month.replace(day=14, hour=23, minute=59, second=59),
            "invoice",
            80_000_000 + count,
            "domcno",
            Decimal("-10.505"),
            "Renewal of żółć.example for 1 year",
        )
        if month.month == 10:
            yield Transaction(
                key + 2, month.replace(day=20), "credit", None, None, Decimal("75.100"), "Goodwill"
            )
        count += 1
        month = months_after(month, 1)
