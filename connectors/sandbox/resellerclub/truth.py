"""What a correct pipeline must arrive at from ResellerClub.

Readings: `ordered_gib` of every order on each day from the one on which it was created to the one before it
ends, in the zone of the world, whatever its status says; `product` is the plan's key (its id in the
price list), the name is the order's description.

Subscriptions: every order that is listed, lately ended ones included; `product` is the product key
(acronisbackupus), `plan` the plan's id, `status` the vendor's in lower case.

Prices: of Acronis Backup only, `plan` by its id; adding and renewing cost the same. Transactions: those
of our own account that happened on the day, other products' included; amounts in the selling currency.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, tzinfo

from connectors.sandbox.resellerclub.estate import CURRENCY, PLANS, RESELLER_ID, ResellerClubDay, costs_on
from connectors.sandbox.truth import (
    Price,
    Reading,
    Subscription,
    Transaction,
    VendorAccount,
    VendorTotal,
)

_VENDOR = "resellerclub"


def resellerclub_readings(day: ResellerClubDay, zone: tzinfo) -> Iterator[Reading]:
    """What is ordered on the day."""
    for order in day.orders:
        if order.created_at.astimezone(zone).date() <= day.day < order.ends_at.astimezone(zone).date():
            yield Reading(
                _VENDOR,
                str(order.customer_id),
                str(order.order_id),
                order.plan.name,
                "order",
                str(order.plan.plan_id),
                "ordered_gib",
                order.gib,
                "GiB",
                is_trial=False,
            )


def resellerclub_accounts(day: ResellerClubDay) -> Iterator[VendorAccount]:
    """Customers, suspended and deleted ones included; they are named by their company."""
    for row in day.customers:
        status = row.status.lower()
        yield VendorAccount(
            _VENDOR,
            str(row.customer_id),
            str(RESELLER_ID),
            row.company,
            "customer",
            status,
            status == "active",
        )


def resellerclub_subscriptions(day: ResellerClubDay, zone: tzinfo) -> Iterator[Subscription]:
    """Orders as subscriptions."""
    for order in day.orders:
        yield Subscription(
            _VENDOR,
            str(order.customer_id),
            str(order.order_id),
            order.plan.product_key,
            str(order.plan.plan_id),
            order.status.lower(),
            False,
            order.gib,
            "GiB",
            order.created_at.astimezone(zone).date(),
            order.ends_at.astimezone(zone).date(),
        )


def resellerclub_prices(day: date) -> Iterator[Price]:
    """What ResellerClub charges us, and what we charge customers there."""
    for plan in PLANS:
        costs = costs_on(plan, day)
        renewals = {months: costs[months] for months in plan.renews}
        for kind, prices in (("cost", costs), ("renewal", renewals), ("customer", plan.sells)):
            for months, price in prices.items():
                yield Price(_VENDOR, plan.product_key, str(plan.plan_id), kind, months, CURRENCY, price)


def resellerclub_transactions(day: ResellerClubDay, zone: tzinfo) -> Iterator[Transaction]:
    """Invoices, receipts and credits of the day; tax is not told."""
    for row in day.transactions:
        if row.at.astimezone(zone).date() == day.day:
            yield Transaction(
                _VENDOR,
                str(row.transaction_id),
                row.at.astimezone(UTC),
                row.kind,
                None if row.order_id is None else str(row.order_id),
                row.product_key,
                CURRENCY,
                row.amount,
                None,
                row.description,
            )


def resellerclub_totals(day: ResellerClubDay) -> Iterator[VendorTotal]:
    """What is left of the money that we paid in."""
    yield VendorTotal(
        _VENDOR, "account", str(RESELLER_ID), None, None, "balance", day.balance, CURRENCY, "balance"
    )
