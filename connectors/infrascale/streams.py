"""The table of Infrascale's streams."""

from __future__ import annotations

from functools import partial

from connectors.completeness import all_pages, equals_total, total_or_second_look, unique_keys
from connectors.errors import IncompletePull
from connectors.infrascale import fetch, fields, parse, reads
from connectors.stream import AsOf, Evidence, Stream


def prove_cloud_usage(evidence: Evidence) -> None:
    """Every page was read, twice with the same lines, and none stands on two pages.

    Raises:
        IncompletePull: a page is missing, the pages shifted, or whole pages of companies have no line.
    """
    all_pages(evidence)
    total_or_second_look(evidence)
    if evidence.pages > 1 and not evidence.rows + evidence.quarantined:
        raise IncompletePull(f"{evidence.pages} pages of companies came without a single line")
    if evidence.pages > 1 and evidence.repeated:
        raise IncompletePull(f"{evidence.repeated} lines stand on two pages: the pages shifted")


def prove_history(evidence: Evidence) -> None:
    """As many events as the vendor says; where pages seemed to overlap, two walks agree.

    Raises:
        IncompletePull: another number, or the pages shifted.
    """
    equals_total(evidence)
    if evidence.second_look is False:
        raise IncompletePull("two walks over the pages showed different events")


def prove_used_space(evidence: Evidence) -> None:
    """At least as many rows as there are active accounts; the vendor does not say whether others count.

    Raises:
        IncompletePull: fewer, or the number of accounts is not one.
    """
    unique_keys(evidence)
    if len(evidence.totals) != 1:
        raise IncompletePull(f"the number of active accounts is not one number: {evidence.totals}")
    received = evidence.rows + evidence.quarantined
    if received < evidence.totals[0]:
        raise IncompletePull(f"there are {evidence.totals[0]} active accounts, {received} rows arrived")


_TWICE = "one answer, asked for twice"

_stream = partial(Stream, vendor="infrascale", as_of=AsOf.SNAPSHOT, paging="one answer", prove=unique_keys)

STREAMS = (
    _stream(
        name="entities",
        description="Distributors, partners and companies below the connection, inactive ones included.",
        fetch=fetch.entities,
        fields=reads.HIERARCHY.fields,
        parse=parse.entities,
        key=("entity_id",),
        paging=_TWICE,
        control_total="one tree whose root is in the answer; two answers with the same entities",
        prove=total_or_second_look,
    ),
    _stream(
        name="accounts",
        description="Active backup accounts of the whole tree with used space, quota and devices.",
        fetch=fetch.accounts,
        fields=reads.ACCOUNTS.fields,
        parse=parse.parser(reads.ACCOUNTS),
        key=("username",),
        paging="PageIndex from 1, 10,000 rows a page, as many pages as AccountsTotal fills",
        control_total="AccountsTotal, the same on every page; unique usernames",
        prove=equals_total,
    ),
    _stream(
        name="companies",
        description="Quota, used and allocated space of each company, for reconciliation.",
        fetch=fetch.companies,
        fields=reads.COMPANIES.fields,
        parse=parse.parser(reads.COMPANIES),
        key=("company_entity_id",),
        control_total="every active company of the hierarchy is there; unique keys",
    ),
    _stream(
        name="licenses",
        description="Product licences assigned to accounts; one row a licence.",
        fetch=fetch.licenses,
        fields=reads.LICENSES.fields,
        parse=parse.parser(reads.LICENSES),
        key=(),
        paging=_TWICE,
        control_total="two answers with the same licences; the vendor states no total",
        prove=total_or_second_look,
    ),
    _stream(
        name="cloud_usage",
        description="Cloud backup: seats or stored bytes of each company and cloud service.",
        fetch=fetch.cloud_usage,
        fields=reads.CLOUD_USAGE.fields,
        parse=parse.parser(reads.CLOUD_USAGE),
        key=("company_id", "icab_account_name", "source", "service"),
        paging="PageNumber from 1, 1,000 companies a page, NumberOfPages pages, walked twice",
        control_total=(
            "NumberOfPages, the same on every page; two walks with the same lines; unique keys "
            "(TotalCount counts companies)"
        ),
        prove=prove_cloud_usage,
    ),
    _stream(
        name="history_events",
        description="Backup events of the day and the day before, by the clients' own clocks.",
        fetch=fetch.history_events,
        fields=reads.HISTORY_EVENTS.fields,
        parse=parse.parser(reads.HISTORY_EVENTS),
        key=(),
        as_of=AsOf.DATED,
        paging="PageIndex from 1, 5,000 rows a page, as many pages as TotalRecords fills",
        control_total="TotalRecords, the same on every page; two walks agree where pages seem to overlap",
        prove=prove_history,
    ),
    _stream(
        name="used_space",
        description="Used space of each account from a second operation, for reconciliation.",
        fetch=fetch.used_space,
        fields=reads.USED_SPACE.fields,
        parse=parse.parser(reads.USED_SPACE),
        key=("username", "system_name", "device_type"),
        control_total="as many rows as AccountsTotal of the active accounts, or more; unique keys",
        prove=prove_used_space,
    ),
    _stream(
        name="appliances",
        description="Backup appliances of each active entity, primary and secondary, with space and status.",
        fetch=fetch.appliances,
        fields=(fields.ASKED_FOR, *fields.APPLIANCES),
        parse=parse.appliances,
        key=("uuid",),
        paging="one request for each active entity, deepest first; all of them twice",
        control_total=(
            "every active entity answered, or is quarantined with the reason; "
            "two looks with the same appliances"
        ),
        prove=total_or_second_look,
    ),
)
