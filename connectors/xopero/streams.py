"""The table of Xopero's streams."""

from __future__ import annotations

from functools import partial

from connectors.completeness import total_or_second_look, unique_keys
from connectors.errors import IncompletePull
from connectors.stream import AsOf, Evidence, Stream
from connectors.xopero import fetch, fields
from connectors.xopero.parse import (
    CUSTOMER_ROWS,
    PARTNER_ROWS,
    parser,
    read_products,
    read_subscription,
    read_usage,
)


def each_told_something(evidence: Evidence) -> None:
    """No key stands for two rows, and where customers answered, not all of them answered nothing.

    Raises:
        IncompletePull: one of both.
    """
    unique_keys(evidence)
    if evidence.pages and not evidence.rows:
        raise IncompletePull(f"{evidence.pages} customers were asked and not one row came of it")


_stream = partial(
    Stream,
    vendor="xopero",
    as_of=AsOf.SNAPSHOT,
    paging="pages of 100 from an offset, to the first empty one; each partner's list by itself",
    control_total="two looks, in pages of two sizes, show the same rows",
    prove=total_or_second_look,
)

_EACH = "the walk over the customers, then one call a customer, several at once"
_EACH_PROOF = (
    "the walk shows the same customers twice; each of them answers, or is quarantined with the reason"
)

STREAMS = (
    _stream(
        name="customers",
        description="The login's own customers and those of its partners, deleted ones included.",
        fetch=fetch.fetch_customers,
        fields=fields.CUSTOMERS,
        parse=parser(fields.CUSTOMERS, CUSTOMER_ROWS.read),
        key=("customer_id",),
    ),
    _stream(
        name="customer_usage",
        description="Used and assigned space of each account of each customer, now: what is billed.",
        fetch=fetch.fetch_usage,
        fields=fields.CUSTOMER_USAGE,
        parse=parser(fields.CUSTOMER_USAGE, read_usage),
        key=("scope", "account_id"),  # an account has one customer
        paging=_EACH,
        control_total=f"{_EACH_PROOF}; its accounts add up to its own sums",
        prove=each_told_something,
        resume=fetch.fetch_usage,
    ),
    _stream(
        name="subscriptions",
        description="The subscription of each customer with its product, period and dates.",
        fetch=fetch.fetch_subscriptions,
        fields=fields.SUBSCRIPTIONS,
        parse=parser(fields.SUBSCRIPTIONS, read_subscription),
        key=("customer_id", "number"),
        paging=_EACH,
        control_total=_EACH_PROOF,
        prove=each_told_something,
        resume=fetch.fetch_subscriptions,
    ),
    _stream(
        name="available_products",
        description="What each customer could change to, at which price; no currency, tax or period is told.",
        fetch=fetch.fetch_products,
        fields=fields.AVAILABLE_PRODUCTS,
        parse=parser(fields.AVAILABLE_PRODUCTS, read_products),
        key=("customer_id", "product_class", "product_name", "variant_id"),
        paging=_EACH,
        control_total=_EACH_PROOF,
        prove=each_told_something,
        resume=fetch.fetch_products,
    ),
    _stream(
        name="partners",
        description="The partners below the login; the vendor publishes none of their fields but id.",
        fetch=fetch.fetch_partners,
        fields=fields.PARTNERS,
        parse=parser(fields.PARTNERS, PARTNER_ROWS.read),
        key=("partner_id",),
    ),
)
