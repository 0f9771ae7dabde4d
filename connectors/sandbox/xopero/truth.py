"""What a correct pipeline must arrive at from Xopero.

Readings: `used_bytes` and `assigned_bytes` of every backup account; `capacity_bytes`, `hosts` and
`users` of the licence stand on the customer's own account (resource id = customer id), the last two from
the customer's parameters and only where they are a number and not the sign for unlimited. A deleted
customer has no readings. The trial flag is the subscription's kind; the parameters' flag counts only
where there is no subscription; without both nobody says.

Subscriptions: the one in force of every customer that is not deleted; `product` is the version
(PRODUCT_VERSION_STD), `plan` the package's name, `quantity` the capacity in bytes, `status` as
GetSubscription tells it in lower case, dates as told.

Prices: one per variant of the price list, which is the same for every customer; `product` is the item's
name, `plan` the variant's.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from connectors.sandbox.truth import Price, Reading, Subscription, VendorAccount, VendorTotal
from connectors.sandbox.xopero.estate import (
    OWNER_ID,
    PACKAGES,
    UNLIMITED,
    VERSION_NAMES,
    Account,
    Customer,
    XoperoDay,
)


def xopero_readings(day: XoperoDay) -> Iterator[Reading]:
    """Readings of every customer that is not deleted."""
    for customer in day.customers:
        if customer.is_deleted:
            continue
        own = customer.accounts[0]
        for account in customer.accounts:
            yield _reading(customer, account, "used_bytes", account.used, "bytes")
            yield _reading(customer, account, "assigned_bytes", account.capacity, "bytes")
        yield _reading(customer, own, "capacity_bytes", customer.capacity, "bytes")
        if customer.parameters is not None:
            allowed = customer.parameters.package
            for meter, count, unit in (
                ("hosts", allowed.hosts, "devices"),
                ("users", allowed.users, "users"),
            ):
                if count != UNLIMITED:
                    yield _reading(customer, own, meter, count, unit)


def _reading(customer: Customer, account: Account, meter: str, quantity: int, unit: str) -> Reading:
    return Reading(
        "xopero",
        str(customer.customer_id),
        str(account.account_id),
        account.name,
        "account",
        "backup",
        meter,
        quantity,
        unit,
        is_trial=_is_trial(customer),
    )


def _is_trial(customer: Customer) -> bool | None:
    if customer.subscription is not None:
        return customer.subscription.kind == "TRIAL"
    return None if customer.parameters is None else customer.parameters.is_trial


def xopero_totals(day: XoperoDay) -> Iterator[VendorTotal]:
    """What the accounts of each customer that is not deleted use and are assigned together."""
    for customer in day.customers:
        if customer.is_deleted:
            continue
        for meter, quantity in (
            ("used_bytes", sum(account.used for account in customer.accounts)),
            ("assigned_bytes", sum(account.capacity for account in customer.accounts)),
        ):
            yield VendorTotal(
                "xopero",
                "account",
                str(customer.customer_id),
                None,
                "account",
                meter,
                quantity,
                "bytes",
                "customer_usage",
            )


def xopero_accounts(day: XoperoDay) -> Iterator[VendorAccount]:
    """Customers and sub-partners, deleted ones included."""
    for partner in day.partners:
        deleted = partner.status == "DELETED"
        yield _account(partner.partner_id, OWNER_ID, partner.name, "partner", deleted)
    for customer in day.customers:
        yield _account(
            customer.customer_id, customer.reseller_id, customer.name, "customer", customer.is_deleted
        )


def _account(account_id: int, parent_id: int, name: str, kind: str, deleted: bool) -> VendorAccount:
    status = "deleted" if deleted else "active"
    return VendorAccount("xopero", str(account_id), str(parent_id), name, kind, status, not deleted)


def xopero_subscriptions(day: XoperoDay) -> Iterator[Subscription]:
    """Licences in force."""
    for customer in day.customers:
        held = customer.subscription
        if held is not None and not customer.is_deleted:
            yield Subscription(
                "xopero",
                str(customer.customer_id),
                held.number,
                held.package.version,
                held.package.name,
                held.status.lower(),
                held.kind == "TRIAL",
                held.package.capacity,
                "bytes",
                held.valid_from.date(),
                held.valid_to.date(),
            )


def xopero_prices() -> Iterator[Price]:
    """The price list."""
    for package in PACKAGES:
        product = VERSION_NAMES[package.version_id]
        yield Price("xopero", product, package.name, "list", None, None, Decimal(package.price))
