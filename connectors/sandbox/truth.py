"""The rows a correct pipeline must arrive at, computed from the world's objects and never from an answer.

Each vendor's own rules stand in its truth module.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple


class Reading(NamedTuple):
    """One metered figure. `quantity` is in `unit`; zero is a reading like any other.

    `is_trial` is None where the vendor does not say.
    """

    vendor: str
    account_id: str
    resource_id: str
    resource_name: str
    resource_type: str
    product: str
    meter: str
    quantity: int
    unit: str
    is_trial: bool | None


class VendorAccount(NamedTuple):
    """One billable party at a vendor."""

    vendor: str
    account_id: str
    parent_account_id: str
    name: str
    account_type: str
    status: str
    is_active: bool


class HistoryEvent(NamedTuple):
    """One event of the backup history; `occurred_at` has no zone when `occurred_at_zone` is client."""

    vendor: str
    account_id: str
    resource_id: str
    event_type: str
    status: str
    occurred_at: datetime
    occurred_at_zone: str
    uploaded_bytes: int | None
    duration_seconds: int | None
    usage_date: date


class Subscription(NamedTuple):
    """What a vendor account subscribes to. Parts that the vendor does not tell are None."""

    vendor: str
    account_id: str
    subscription_id: str
    product: str
    plan: str | None
    status: str
    is_trial: bool
    quantity: int | None
    unit: str | None
    started_on: date | None
    ends_on: date | None


class Price(NamedTuple):
    """A price that a vendor tells; `price_kind` is cost, renewal, customer or list."""

    vendor: str
    product: str
    plan: str | None
    price_kind: str
    term_months: int | None
    currency: str | None
    price: Decimal


class Transaction(NamedTuple):
    """Money that moved between a vendor and us; charges are negative."""

    vendor: str
    transaction_id: str
    occurred_at: datetime
    kind: str
    order_id: str | None
    product: str | None
    currency: str
    amount: Decimal
    tax_amount: Decimal | None
    description: str


class VendorTotal(NamedTuple):
    """A figure that a vendor sums itself; `scope` is account, below or resource.

    `account_id` is None where the vendor names the resource alone, `resource_type` where it is no sum of
    readings.
    """

    vendor: str
    scope: str
    account_id: str | None
    resource_id: str | None
    resource_type: str | None
    meter: str
    quantity: int | Decimal
    unit: str
    stream: str
