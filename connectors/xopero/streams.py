"""The table of Xopero's streams."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from connectors.completeness import total_or_second_look, unique_keys
from connectors.errors import IncompletePull
from connectors.stream import AsOf, Evidence, Exchange, Field, Page, Stream, UsageDay
from connectors.xopero import fetch, fields
from connectors.xopero.client import XoperoClient
from connectors.xopero.parse import (
    CUSTOMER_ROWS,
    PARTNER_ROWS,
    parser,
    read_products,
    read_subscription,
    read_usage,
)

Answered = Callable[[XoperoClient, UsageDay, Iterable[Exchange]], Iterator[Exchange]]


def each_told_something(evidence: Evidence) -> None:
    """No key stands for two rows, and where customers answered, not all of them answered nothing.

    Raises:
        IncompletePull: one of both.
    """
    unique_keys(evidence)
    if evidence.pages and not evidence.rows:
        raise IncompletePull(f"{evidence.pages} customers were asked and not one row came of it")


def _stream(
    name: str,
    description: str,
    requests: Callable[[XoperoClient, UsageDay], Iterator[Exchange]],
    columns: tuple[Field, ...],
    read: Callable[[Exchange], Page],
    *,
    key: tuple[str, ...],
    paging: str = "pages of 100 from an offset, to the first empty one; each partner's list by itself",
    control_total: str = "two looks, in pages of two sizes, show the same rows",
    prove: Callable[[Evidence], None] = total_or_second_look,
    resume: Answered | None = None,
) -> Stream:
    return Stream(
        vendor="xopero",
        name=name,
        description=description,
        as_of=AsOf.SNAPSHOT,
        key=key,
        paging=paging,
        control_total=control_total,
        fields=columns,
        fetch=requests,
        parse=parser(columns, read),
        prove=prove,
        resume=resume,
    )


_EACH = "the walk over the customers, then one call a customer, several at once"
_EACH_PROOF = (
    "the walk shows the same customers twice; each of them answers, or is quarantined with the reason"
)

STREAMS = (
    _stream(
        "customers",
        "The login's own customers and those of its partners, deleted ones included.",
        fetch.fetch_customers,
        fields.CUSTOMERS,
        CUSTOMER_ROWS.read,
        key=("customer_id",),
    ),
    _stream(
        "customer_usage",
        "Used and assigned space of each account of each customer, now: what is billed.",
        fetch.fetch_usage,
        fields.CUSTOMER_USAGE,
        read_usage,
        key=("scope", "account_id"),  # an account has one customer
        paging=_EACH,
        control_total=f"{_EACH_PROOF}; its accounts add up to its own sums",
        prove=each_told_something,
        resume=fetch.fetch_usage,
    ),
    _stream(
        "subscriptions",
        "The subscription of each customer with its product, period and dates.",
        fetch.fetch_subscriptions,
        fields.SUBSCRIPTIONS,
        read_subscription,
        key=("customer_id", "number"),
        paging=_EACH,
        control_total=_EACH_PROOF,
        prove=each_told_something,
        resume=fetch.fetch_subscriptions,
    ),
    _stream(
        "available_products",
        "What each customer could change to, at which price; no currency, tax or period is told.",
        fetch.fetch_products,
        fields.AVAILABLE_PRODUCTS,
        read_products,
        key=("customer_id", "product_class", "product_name", "variant_id"),
        paging=_EACH,
        control_total=_EACH_PROOF,
        prove=each_told_something,
        resume=fetch.fetch_products,
    ),
    _stream(
        "partners",
        "The partners below the login; the vendor publishes none of their fields but id.",
        fetch.fetch_partners,
        fields.PARTNERS,
        PARTNER_ROWS.read,
        key=("partner_id",),
    ),
)
