"""What ResellerClub holds of the world on one day, as plain objects without any wire format."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

RESELLER_ID = 700_123
"""Who the credentials belong to: the distributor itself."""

CURRENCY = "USD"
"""In which ResellerClub sells to the reseller, and the reseller to its customers."""

ACCOUNTING_CURRENCY = "EUR"
"""In which the same amounts are told a second time."""

REGIONS = ("us", "asia")


class Plan(NamedTuple):
    """A plan of Acronis Backup. A term (months) that has no price cannot be bought; some only added."""

    plan_id: int
    region: str
    name: str
    status: str  # Active, Paused
    cost: Mapping[int, Decimal]
    sells: Mapping[int, Decimal]
    renews: tuple[int, ...]

    @property
    def product_key(self) -> str:
        """acronisbackupus or acronisbackupasia."""
        return f"acronisbackup{self.region}"


def _plan(plan_id: int, region: str, name: str, cents: int, *terms: int, status: str = "Active") -> Plan:
    cost = {
        months: Decimal(cents * months * (100 - months // 6)).scaleb(-4).quantize(Decimal("0.001"))
        for months in terms
    }
    sells = {months: (price * Decimal("1.4")).quantize(Decimal("0.01")) for months, price in cost.items()}
    return Plan(plan_id, region, name, status, cost, sells, terms[1:] if status == "Paused" else terms)


PLANS = (
    _plan(8101, "us", "Acronis Backup Personal", 499, 1, 3, 12),
    _plan(8102, "us", "Acronis Backup Business", 1_499, 1, 12, 24),
    _plan(8103, "us", "Acronis Backup Enterprise", 7_950, 12),
    _plan(8201, "asia", "Acronis Backup Personal", 549, 1, 3, 12),
    _plan(8202, "asia", "Acronis Backup Business", 1_649, 1, 12),
    _plan(8209, "asia", "Acronis Backup Starter", 301, 1, 6, status="Paused"),
)

RAISE = date(2026, 7, 1)
"""From here on ResellerClub charges a tenth more."""


def costs_on(plan: Plan, day: date) -> Mapping[int, Decimal]:
    """What ResellerClub charges for a plan by months."""
    if day < RAISE:
        return plan.cost
    return {
        months: (price * Decimal("1.1")).quantize(Decimal("0.001")) for months, price in plan.cost.items()
    }


class Customer(NamedTuple):
    """A customer of ours; `status` is Active, Suspended or Deleted."""

    customer_id: int
    username: str
    contact: str
    company: str
    city: str
    country: str
    phone: str
    pin: str
    status: str
    joined_at: datetime


class Order(NamedTuple):
    """A backup order as it is at the end of the day: what was ordered, not what is stored."""

    order_id: int
    customer_id: int
    plan: Plan
    months: int
    gib: int
    created_at: datetime
    ends_at: datetime
    status: str  # Active, Suspended, InActive, Deleted
    auto_renew: bool


class Transaction(NamedTuple):
    """An invoice or a receipt between ResellerClub and us; charges are negative."""

    transaction_id: int
    at: datetime
    kind: str  # invoice, receipt, credit
    order_id: int | None
    product_key: str | None
    amount: Decimal
    description: str


@dataclass(frozen=True)
class ResellerClubDay:
    """ResellerClub's state at the end of one day.

    Attributes:
        day: which.
        customers, orders: in order of id; orders that ended lately included.
        transactions: everything until then, oldest first.
        reseller_password, reseller_pin: told by resellers/details, and to be kept nowhere.
        taken: what left the balance without a transaction; nothing unless planted.
    """

    day: date
    customers: tuple[Customer, ...]
    orders: tuple[Order, ...]
    transactions: tuple[Transaction, ...]
    reseller_password: str
    reseller_pin: str
    taken: Decimal = Decimal(0)

    @cached_property
    def orders_by_id(self) -> dict[int, Order]:
        """Orders by id."""
        return {order.order_id: order for order in self.orders}

    @cached_property
    def orders_of_region(self) -> dict[str, tuple[Order, ...]]:
        """Orders by region: each belongs to one."""
        return {
            region: tuple(order for order in self.orders if order.plan.region == region) for region in REGIONS
        }

    @cached_property
    def customers_by_id(self) -> dict[int, Customer]:
        """Customers by id."""
        return {customer.customer_id: customer for customer in self.customers}

    @property
    def balance(self) -> Decimal:
        """What is left of the money paid in."""
        return sum((row.amount for row in self.transactions), Decimal("50000.000") - self.taken)
