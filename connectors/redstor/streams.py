"""The table of Redstor's streams."""

from __future__ import annotations

from functools import partial

from connectors.completeness import equals_total, unique_keys
from connectors.errors import IncompletePull
from connectors.parser import parser
from connectors.redstor import fetch, fields
from connectors.redstor.parse import read_rows, read_summary
from connectors.stream import AsOf, Evidence, Stream


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

_stream = partial(
    Stream,
    vendor="redstor",
    as_of=AsOf.SNAPSHOT,
    paging=_EACH,
    control_total=_EACH_PROOF,
    prove=prove,
)

STREAMS = (
    _stream(
        name="companies",
        description="The partner's own company and every company below it, disabled ones included.",
        fetch=fetch.fetch_companies,
        fields=fields.COMPANIES,
        parse=parser(fields.COMPANIES, read_rows),
        key=("company_id",),
        paging="version 1: one list of all descendants; 2.0: the customers of each Partner, level by level",
        control_total="each list equals its total; where none is stated, two walks are the same",
    ),
    _stream(
        name="products",
        description="Products with their editions: what is sold, without prices.",
        fetch=fetch.fetch_products,
        fields=fields.PRODUCTS,
        parse=parser(fields.PRODUCTS, read_rows),
        key=("product_id",),
        paging="version 1: one array; 2.0: pages of 100",
        control_total="2.0: the list equals its total; version 1: one answer, not empty",
    ),
    _stream(
        name="subscriptions",
        description="What each company subscribes to, with trial status; no quantities, prices or dates.",
        fetch=fetch.fetch_subscriptions,
        fields=fields.SUBSCRIPTIONS,
        parse=parser(fields.SUBSCRIPTIONS, read_rows),
        key=("company_id", "subscription_id"),
    ),
    _stream(
        name="consumption",
        description="Usage of a date by company and subscription, trials included: what is billed.",
        fetch=fetch.fetch_consumption,
        fields=fields.CONSUMPTION,
        parse=parser(fields.CONSUMPTION, read_rows),
        key=("company_id", "subscription_id", "product_id"),
        as_of=AsOf.DATED,
        paging="version 1: the root's own rows, then one list of all below it; 2.0: one list a company",
        control_total="version 1: the list equals its total, or two walks are the same; 2.0: " + _EACH_PROOF,
    ),
    _stream(
        name="consumption_summary",
        description="Usage of a date as Redstor adds it up, for the company and for its customers.",
        fetch=fetch.fetch_summary,
        fields=fields.CONSUMPTION_SUMMARY,
        parse=parser(fields.CONSUMPTION_SUMMARY, read_summary),
        key=("company_id", "scope"),
        as_of=AsOf.DATED,
        paging="one answer",
        control_total="both summaries are there, with every figure",
    ),
    _stream(
        name="backup_status",
        description="How the backups of each company and product went: how many, by outcome.",
        fetch=fetch.fetch_backup_status,
        fields=fields.BACKUP_STATUS,
        parse=parser(fields.BACKUP_STATUS, read_rows),
        key=("company_id", "product_id"),
    ),
)
