"""The table of ResellerClub's streams."""

from __future__ import annotations

from functools import partial

from connectors.completeness import equals_total, unique_keys
from connectors.parser import parser
from connectors.resellerclub import fetch, fields
from connectors.resellerclub.parse import (
    read_balance,
    read_customers,
    read_order,
    read_plans,
    read_transactions,
)
from connectors.resellerclub.prices import read_prices
from connectors.stream import AsOf, Evidence, Stream

_SEARCH = "numbered rows in pages of 100, until recsindb rows have come"
_SEARCH_PROOF = "the rows equal recsindb, which is the same on every page; keys are unique"


def prove_orders(evidence: Evidence) -> None:
    """As many orders as the regions' lists name. Where they name none, they said so themselves.

    Raises:
        IncompletePull: another number of orders, or two rows of one order.
    """
    if evidence.pages:
        equals_total(evidence)


_stream = partial(
    Stream,
    vendor="resellerclub",
    as_of=AsOf.SNAPSHOT,
    paging="one answer",
    control_total="one answer that holds every product of the regions read",
    prove=unique_keys,
)


STREAMS = (
    _stream(
        name="customers",
        description="The reseller's own customers, as the shop lists them.",
        fetch=fetch.fetch_customers,
        fields=fields.CUSTOMERS,
        parse=parser(fields.CUSTOMERS, read_customers),
        key=("customer_id",),
        paging=_SEARCH,
        control_total=_SEARCH_PROOF,
        prove=equals_total,
    ),
    _stream(
        name="orders",
        description="Backup orders of each region with plan, term and storage: what is billed.",
        fetch=fetch.fetch_orders,
        fields=fields.ORDERS,
        parse=parser(fields.ORDERS, read_order),
        key=("order_id",),
        paging=f"each region's list in {_SEARCH}; then one request an order",
        control_total="each region's list equals its recsindb, the same on every page; every order answered",
        prove=prove_orders,
    ),
    _stream(
        name="plans",
        description="The plans of the backup products; sizes and prices are elsewhere.",
        fetch=fetch.fetch_plans,
        fields=fields.PLANS,
        parse=parser(fields.PLANS, read_plans),
        key=("product_key", "plan_id"),
    ),
    _stream(
        name="cost_prices",
        description="What ResellerClub charges the reseller for backup, by plan, action and months.",
        fetch=fetch.fetch_cost_prices,
        fields=fields.PRICES,
        parse=parser(fields.PRICES, read_prices),
        key=("product_key", "plan_id", "action", "addon", "months"),
    ),
    _stream(
        name="customer_prices",
        description="What the vendor's shop charges the reseller's customers for backup.",
        fetch=fetch.fetch_customer_prices,
        fields=fields.PRICES,
        parse=parser(fields.PRICES, read_prices),
        key=("product_key", "plan_id", "action", "addon", "months"),
    ),
    _stream(
        name="transactions",
        description="The vendor's invoices and receipts to us on a date; archived ones are not found.",
        fetch=fetch.fetch_transactions,
        fields=fields.TRANSACTIONS,
        parse=parser(fields.TRANSACTIONS, read_transactions),
        key=("transaction_id",),
        as_of=AsOf.DATED,
        paging=_SEARCH,
        control_total=f"{_SEARCH_PROOF}; none on an old day only where the search holds older ones",
        prove=equals_total,
    ),
    _stream(
        name="balance",
        description="The reseller's account with the vendor: balance and what of it is locked.",
        fetch=fetch.fetch_balance,
        fields=fields.BALANCE,
        parse=parser(fields.BALANCE, read_balance),
        key=("reseller_id",),
        control_total="one answer with every figure",
    ),
)
