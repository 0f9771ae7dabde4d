"""Which requests make up a pull of each stream, in both API versions."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from datetime import datetime, time
from functools import partial
from typing import Any

from msgspec import Raw

from connectors.errors import ContractBroken, IncompletePull
from connectors.redstor import client as api
from connectors.redstor.client import Company, RedstorClient
from connectors.redstor.paging import List, Tally, pages, whole_list
from connectors.redstor.walk import collect, walk
from connectors.stream import Exchange, Role, UsageDay
from connectors.transport.concurrency import ordered_map

Asking = Generator[Exchange, None, object]
"""What is asked about one company; the value it returns is of no interest here."""


def fetch_companies(client: RedstorClient, day: UsageDay) -> Iterator[Exchange]:  # noqa: ARG001  # the present only
    """The root and every company below it."""
    yield from walk(client, Role.ROWS)


def fetch_products(client: RedstorClient, day: UsageDay) -> Iterator[Exchange]:  # noqa: ARG001
    """The catalogue: a bare array in version 1, a paged list in 2.0."""
    if client.version == "1":
        told = bool((yield from _array_twice(client, api.PRODUCTS, Role.ROWS)))
    else:
        wanted = List(api.PRODUCTS, context={"other_rows": "0"})
        told = bool((yield from whole_list(client, wanted, Role.ROWS)))
    if not told:
        raise IncompletePull(f"{api.PRODUCTS} told of no product, which is no catalogue")


def fetch_subscriptions(client: RedstorClient, day: UsageDay) -> Iterator[Exchange]:  # noqa: ARG001
    """Company by company."""
    if client.version == "1":
        return _each_company(client, partial(_array, client, api.V1_SUBSCRIPTIONS))
    return _each_company(client, partial(_list, client, api.V2_SUBSCRIPTIONS, {}))


def fetch_backup_status(client: RedstorClient, day: UsageDay) -> Iterator[Exchange]:  # noqa: ARG001
    """Company by company, each its own figures: a list over all is aggregated in ways not documented."""
    if client.version == "1":
        return _each_company(client, partial(_v1_backups, client))
    return _each_company(client, partial(_list, client, api.V2_BACKUPS, {}))


def fetch_consumption(client: RedstorClient, day: UsageDay) -> Iterator[Exchange]:
    """Usage of a date: the root's own and one list of all below it (1), or company by company (2.0)."""
    if client.version == "1":
        return _v1_consumption(client, day)
    return _each_company(client, partial(_list, client, api.V2_CONSUMPTION, _dated(day)))


def fetch_summary(client: RedstorClient, day: UsageDay) -> Iterator[Exchange]:
    """What the vendor adds up itself, for reconciliation."""
    exchange, root = client.root(Role.CONTROL)
    yield exchange
    v1 = client.version == "1"
    operation = api.V1_SUMMARY if v1 else api.V2_SUMMARY
    exchange, told = client.get(
        operation,
        api.OBJECT_ANSWER,
        company=root.id,
        params=_dated(day) if v1 else {"companyId": root.id, **_dated(day)},
        context={"company_id": root.id},
    )
    yield exchange
    if told is None:
        raise IncompletePull(
            f"{operation} answered 204 No Content: the usage of that date is unknown, not zero"
        )


def _dated(day: UsageDay) -> dict[str, str]:
    """The usage date as Redstor's `date`: noon in the billing zone, with its offset.

    How Redstor reads an instant as a date is not documented. Noon falls on the same date in UTC
    everywhere from UTC-11 to UTC+12.
    """
    noon = datetime.combine(day.date, time(12), day.zone)
    return {"date": noon.isoformat(), "shouldExcludeTrials": "false"}


def _facts(company: Company) -> dict[str, str]:
    """What consumption rows say of their company, where the answer leaves it out."""
    facts = {"company_id": company.id}
    if company.companyName is not None:
        facts["company_name"] = company.companyName
    if company.parent:
        facts["parent_company_id"] = company.parent
    return facts


def _each_company(client: RedstorClient, ask: Callable[[Company], Asking]) -> Iterator[Exchange]:
    """The walk, then every company's answer, in the order of the walk and `max_in_flight` at once.

    Raises:
        IncompletePull: not one company answered with anything, so nothing is known.
    """
    companies = yield from walk(client, Role.CONTROL)
    answered = False
    whose: dict[str, str] = {}  # a subscription has one company: no two answer the same ones
    for exchanges, _ in ordered_map(
        lambda company: collect(ask(company)), companies, client.connection.max_in_flight
    ):
        for exchange in exchanges:
            answered = answered or exchange.role is Role.ROWS
            if exchange.role is Role.ROWS and b'"subscriptionId"' in exchange.body:
                company = exchange.context["company_id"]
                other = whose.setdefault(exchange.sha256, company)
                if other != company:
                    raise ContractBroken(f"{exchange.operation} answered about {company} as about {other}")
        yield from exchanges
    if not answered:
        raise IncompletePull(
            f"none of {len(companies)} companies answered with anything but 'no content' or 'not found': "
            "that is unknown, not zero"
        )


def _list(client: RedstorClient, operation: str, params: dict[str, str], company: Company) -> Asking:
    """Version 2.0: the company is a parameter, and the answer a paged list."""
    return whole_list(
        client,
        List(
            operation,
            params={"companyId": company.id, **params},
            context=_facts(company),
            one_of_many=True,
        ),
        Role.ROWS,
    )


def _array(client: RedstorClient, operation: str, company: Company) -> Generator[Exchange, None, None]:
    """Version 1: the company is in the path, and the answer one bare array."""
    exchange, _ = client.get(
        operation, api.ARRAY_ANSWER, company=company.id, context=_facts(company), one_of_many=True
    )
    yield exchange


def _array_twice(
    client: RedstorClient, operation: str, role: Role, **asked: Any
) -> Generator[Exchange, None, list[Raw]]:
    """Version 1: the one bare array of a pull, asked for twice since it states no total.

    Raises:
        IncompletePull: the two answers show different rows.
    """
    exchange, told = client.get(operation, api.ARRAY_ANSWER, role=role, **asked)
    yield exchange
    again, told_again = client.get(operation, api.ARRAY_ANSWER, role=Role.CONTROL, **asked)
    yield again
    if set(map(bytes, told or [])) != set(map(bytes, told_again or [])):
        raise IncompletePull(f"{operation} states no total, and two answers showed different rows")
    return told or []


def _v1_backups(client: RedstorClient, company: Company) -> Generator[Exchange, None, None]:
    exchange, told = client.get(
        api.V1_BACKUPS,
        api.STATUS_ANSWER,
        company=company.id,
        context=_facts(company),
        one_of_many=True,
    )
    yield exchange
    if told and told.companyId.lower() != company.id:
        raise ContractBroken(f"{api.V1_BACKUPS} answered about {told.companyId}, asked about {company.id}")


def _v1_consumption(client: RedstorClient, day: UsageDay) -> Iterator[Exchange]:
    exchange, root = client.root(Role.CONTROL)
    yield exchange
    again = yield from _v1_look(client, day, root, Role.ROWS)
    if again:
        yield from _v1_look(client, day, root, Role.SECOND_LOOK)


def _v1_look(
    client: RedstorClient, day: UsageDay, root: Company, role: Role
) -> Generator[Exchange, None, bool]:
    """The root's own rows, then everyone else's; whether a second look is needed to prove them whole."""
    own = yield from _array_twice(
        client, api.V1_OWN_CONSUMPTION, role, company=root.id, params=_dated(day), context=_facts(root)
    )
    below = List(api.V1_CONSUMPTION, root.id, _dated(day), context={"other_rows": str(len(own))})
    tally = Tally()
    for exchange, page in pages(client, below, role):
        yield exchange
        if page is None:
            raise IncompletePull(
                f"{below.operation} answered 204 No Content: the usage of that date is unknown, not zero"
            )
        tally.add(page)
    return tally.needs_second_look(below.operation)
