"""The table of ResellerClub's streams."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from connectors.completeness import equals_total, unique_keys
from connectors.resellerclub import fetch, fields
from connectors.resellerclub.client import ResellerClubClient
from connectors.resellerclub.parse import (
    parser,
    read_balance,
    read_customers,
    read_order,
    read_plans,
    read_transactions,
)
from connectors.resellerclub.prices import read_prices
from connectors.stream import AsOf, Evidence, Exchange, Field, Page, Stream, UsageDay

_SEARCH = "numbered rows in pages of 100, until recsindb rows have come"
_SEARCH_PROOF = "the rows equal recsindb, which is the same on every page; keys are unique"
_ONE_ANSWER = "one answer"
_EVERY_PRODUCT = "one answer that holds every product of the regions read"


def prove_orders(evidence: Evidence) -> None:
    """As many orders as the regions' lists name. Where they name none, they said so themselves.

    Raises:
        IncompletePull: another number of orders, or two rows of one order.
    """
    if evidence.pages:
        equals_total(evidence)


def _stream(
    name: str,
    description: str,
    requests: Callable[[ResellerClubClient, UsageDay], Iterator[Exchange]],
    columns: tuple[Field, ...],
    read: Callable[[Exchange], Page],
    *,
    key: tuple[str, ...],
    as_of: AsOf = AsOf.SNAPSHOT,
    paging: str = _ONE_ANSWER,
    control_total: str = _EVERY_PRODUCT,
    prove: Callable[[Evidence], None] = unique_keys,
) -> Stream:
    return Stream(
        vendor="resellerclub",
        name=name,
        description=description,
        as_of=as_of,
        key=key,
        paging=paging,
        control_total=control_total,
        fields=columns,
        fetch=requests,
        parse=parser(columns, read),
        prove=prove,
    )


STREAMS = (
    _stream(
        "customers",
        "The reseller's own customers, as the shop lists them.",
        fetch.fetch_customers,
        fields.CUSTOMERS,
        read_customers,
        key=("customer_id",),
        paging=_SEARCH,
        control_total=_SEARCH_PROOF,
        prove=equals_total,
    ),
    _stream(
        "orders",
        "Backup orders of each region with plan, term and storage: what was ordered is what is billed.",
        fetch.fetch_orders,
        fields.ORDERS,
        read_order,
        key=("order_id",),
        paging=f"each region's list in {_SEARCH}; then one request an order",
        control_total="each region's list equals its recsindb, and every order of it answered",
        prove=prove_orders,
    ),
    _stream(
        "plans",
        "The plans of the backup products; sizes and prices are elsewhere.",
        fetch.fetch_plans,
        fields.PLANS,
        read_plans,
        key=("product_key", "plan_id"),
    ),
    _stream(
        "cost_prices",
        "What ResellerClub charges the reseller for backup, by plan, action and months.",
        fetch.fetch_cost_prices,
        fields.PRICES,
        read_prices,
        key=("product_key", "plan_id", "action", "addon", "months"),
    ),
    _stream(
        "customer_prices",
        "What the vendor's shop charges the reseller's customers for backup.",
        fetch.fetch_customer_prices,
        fields.PRICES,
        read_prices,
        key=("product_key", "plan_id", "action", "addon", "months"),
    ),
    _stream(
        "transactions",
        "The vendor's invoices and receipts to the reseller on a date; archived ones are not found.",
        fetch.fetch_transactions,
        fields.TRANSACTIONS,
        read_transactions,
        key=("transaction_id",),
        as_of=AsOf.DATED,
        paging=_SEARCH,
        control_total=f"{_SEARCH_PROOF}; none on an old day only where the search holds older ones",
        prove=equals_total,
    ),
    _stream(
        "balance",
        "The reseller's account with the vendor: balance and what of it is locked.",
        fetch.fetch_balance,
        fields.BALANCE,
        read_balance,
        key=("reseller_id",),
        control_total="one answer with every figure",
    ),
)
