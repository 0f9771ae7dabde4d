"""Orders charged at another price or not at all, charges without orders, and orders that never end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from connectors.sandbox.plants.estates import resellerclub_order, steady
from connectors.sandbox.plants.plant import Finding, Plant, before, money
from connectors.sandbox.plants.prices import in_euro, sell
from connectors.sandbox.plants.subject import Subject
from connectors.sandbox.resellerclub.estate import PLANS, ResellerClubDay, Transaction, costs_on


def plants(month: date) -> Iterator[Plant]:
    """Of ResellerClub's orders and charges in the month."""
    yield _order_overcharged(month)
    yield _order_without_charge(month)
    yield _charge_without_order(month)
    yield _order_past_its_end(month)


def _price(months: int, on: date) -> Decimal:
    """What a term of the plan of all plants costs."""
    return costs_on(PLANS[0], on)[months]


def _euro(dollars: Decimal, on: date) -> Decimal:
    return money(in_euro("resellerclub", money(dollars), on))


def _order_overcharged(month: date) -> Plant:
    subject, day = Subject("order-overcharged"), month + timedelta(days=4)
    return Plant(
        kind=subject.kind,
        vendor="resellerclub",
        code="R-33",
        meaning="ResellerClub charged four dollars more for an order than its price list says.",
        findings=(Finding("R-33", "cost", month, _euro(Decimal(4), month)),),
        resellerclub=steady(
            resellerclub_order, subject, gib=50, created_on=day, paid=_price(12, day) + Decimal(4)
        ),
        reference=subject.of("resellerclub"),
    )


def _order_without_charge(month: date) -> Plant:
    subject, day = Subject("order-without-charge"), month + timedelta(days=8)

    def change(shown: ResellerClubDay, on: date) -> ResellerClubDay:
        told = resellerclub_order(shown, on, subject, gib=50, created_on=day)
        return replace(told, transactions=shown.transactions)

    return Plant(
        kind=subject.kind,
        vendor="resellerclub",
        code="R-56",
        meaning="An order at ResellerClub that our account was not charged for.",
        findings=(Finding("R-56", "control", month, _euro(_price(12, day), month)),),
        resellerclub=change,
        reference=subject.of("resellerclub"),
    )


def _charge_without_order(month: date) -> Plant:
    subject, day = Subject("charge-without-order"), month + timedelta(days=10)
    charged = Transaction(
        700_000_000 + subject.number,
        datetime.combine(day, time(9), UTC),
        "invoice",
        700_000_000 + subject.number,
        PLANS[0].product_key,
        Decimal("-19.990"),
        "Addition: Acronis Backup Personal",
    )

    def change(shown: ResellerClubDay, on: date) -> ResellerClubDay:
        if on < day:
            return shown
        rows = (*shown.transactions, charged)
        return replace(shown, transactions=tuple(sorted(rows, key=lambda row: (row.at, row.transaction_id))))

    return Plant(
        kind=subject.kind,
        vendor="resellerclub",
        code="R-56",
        meaning="ResellerClub charged our account for an order that it does not list.",
        findings=(Finding("R-56", "cost", month, _euro(Decimal("19.99"), month)),),
        resellerclub=change,
    )


def _order_past_its_end(month: date) -> Plant:
    subject, day = Subject("order-past-its-end"), before(month) + timedelta(days=9)
    after = (month + timedelta(days=31)).replace(day=1)
    unpaid = (after - (month + timedelta(days=9))).days
    worth = sell("RC-STORAGE", 100, month) * unpaid / (after - month).days
    return Plant(
        kind=subject.kind,
        vendor="resellerclub",
        code="R-56",
        meaning="An order at ResellerClub that ended on the tenth and is active all the same.",
        findings=(Finding("R-56", "leak", month, money(worth)),),
        resellerclub=steady(resellerclub_order, subject, gib=100, created_on=day, months=1),
        reference=subject.of("resellerclub"),
    )
