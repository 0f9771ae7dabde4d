"""The table of Redstor's streams."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from connectors.completeness import equals_total, unique_keys
from connectors.errors import IncompletePull
from connectors.redstor import fetch, fields
from connectors.redstor.client import RedstorClient
from connectors.redstor.parse import parser, read_rows, read_summary
from connectors.stream import AsOf, Evidence, Exchange, Field, Page, Stream, UsageDay


def prove(evidence: Evidence) -> None:
    """The rows are as many as the vendor's total, where one total speaks of the whole pull.

    Lists read company by company have proven themselves while they were read (`paging.whole_list`).

    Raises:
        IncompletePull: another number of rows, two walks that differ, or two rows of one key.
    """
    if evidence.totals:
        equals_total(evidence)
    unique_keys(evidence)
    if evidence.second_look is False:
        raise IncompletePull("the vendor stated no total, and two walks over the pages showed different rows")


_EACH = "one request a company, for the root and everything below it; version 2.0 in pages of 100"
_EACH_PROOF = (
    "the walk over the companies equals the vendor's totals; every company answered; "
    "each company's list equals its total"
)


def _stream(
    name: str,
    description: str,
    requests: Callable[[RedstorClient, UsageDay], Iterator[Exchange]],
    columns: tuple[Field, ...],
    *,
    key: tuple[str, ...],
    as_of: AsOf = AsOf.SNAPSHOT,
    paging: str = _EACH,
    control_total: str = _EACH_PROOF,
    read: Callable[[Exchange], Page] = read_rows,
) -> Stream:
    return Stream(
        vendor="redstor",
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
        "companies",
        "The partner's own company and every company below it, disabled ones included.",
        fetch.fetch_companies,
        fields.COMPANIES,
        key=("company_id",),
        paging="version 1: one list of all descendants; 2.0: the customers of each Partner, level by level",
        control_total="each list equals its total; where none is stated, two walks are the same",
    ),
    _stream(
        "products",
        "The catalogue of products with their editions; it names what is sold and holds no prices.",
        fetch.fetch_products,
        fields.PRODUCTS,
        key=("product_id",),
        paging="version 1: one array; 2.0: pages of 100",
        control_total="2.0: the list equals its total; version 1: one answer, not empty",
    ),
    _stream(
        "subscriptions",
        "What each company subscribes to, with trial status; no quantities, prices or dates.",
        fetch.fetch_subscriptions,
        fields.SUBSCRIPTIONS,
        key=("company_id", "subscription_id"),
    ),
    _stream(
        "consumption",
        "Usage of a date by company and subscription, trials included: what is billed.",
        fetch.fetch_consumption,
        fields.CONSUMPTION,
        key=("company_id", "subscription_id", "product_id"),
        as_of=AsOf.DATED,
        paging="version 1: the root's own rows, then one list of all below it; 2.0: one list a company",
        control_total="version 1: the list equals its total, or two walks are the same; 2.0: " + _EACH_PROOF,
    ),
    _stream(
        "consumption_summary",
        "Usage of a date as Redstor adds it up, of the company and of all its customers: to reconcile with.",
        fetch.fetch_summary,
        fields.CONSUMPTION_SUMMARY,
        key=("company_id", "scope"),
        as_of=AsOf.DATED,
        paging="one answer",
        control_total="both summaries are there, with every figure",
        read=read_summary,
    ),
    _stream(
        "backup_status",
        "How the backups of each company and product went: how many, by outcome.",
        fetch.fetch_backup_status,
        fields.BACKUP_STATUS,
        key=("company_id", "product_id"),
    ),
)
