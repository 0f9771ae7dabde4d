"""The walk over all companies from the root down; every other stream asks company by company."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from functools import partial
from typing import TypeVar

import msgspec

from connectors.errors import ContractBroken, IncompletePull, OutOfScope
from connectors.redstor.client import V1_CUSTOMERS, V2_CUSTOMERS, Company, RedstorClient, read_company
from connectors.redstor.paging import List, ListPage, whole_list
from connectors.stream import Exchange, Role
from connectors.transport.concurrency import ordered_map

ROOT_ROWS = "1"  # a list of customers does not hold the company it is asked for

T = TypeVar("T")


def walk(client: RedstorClient, role: Role) -> Generator[Exchange, None, list[Company]]:
    """The root and everything below it, proven whole list by list.

    V1 tells all descendants in one list. V2 has only the direct customers of a company, so each
    company that may have some is asked in turn, level by level; Redstor's type Customer has none.

    Parameters:
        role: of the exchanges, ROWS for the stream of companies and CONTROL for the others.

    Returns:
        Each company once, the root first.

    Raises:
        IncompletePull: a list does not add up.
        ContractBroken: a company without a GUID, or no answer about the root's customers.
    """
    exchange, root = client.root(role)
    yield exchange
    found = {root.id: root}
    if client.version == "1":
        wanted = List(V1_CUSTOMERS, root.id, context={"other_rows": ROOT_ROWS})
        all_below = yield from whole_list(client, wanted, role)
        _add(found, _told(all_below, V1_CUSTOMERS), V1_CUSTOMERS)
        return list(found.values())
    level = [root]
    while level:
        before = len(found)
        ask = partial(_customers, client, role, root)
        answers = ordered_map(ask, level, client.connection.max_in_flight)
        for parent, (exchanges, below) in zip(level, answers, strict=True):
            yield from exchanges
            told = _told(below, V2_CUSTOMERS) if parent is root else below or []
            parents = _add(found, told, V2_CUSTOMERS)
            if parents and parent.id not in parents:
                raise ContractBroken(f"{V2_CUSTOMERS} of {parent.id} told of other companies' customers only")
        level = [company for company in list(found.values())[before:] if company.type != "Customer"]
    return list(found.values())


def collect(asking: Generator[Exchange, None, T]) -> tuple[list[Exchange], T | None]:
    """All that one of many companies answers, and what was made of it.

    A company that is gone by now (`OutOfScope`) is recorded with the role CONTROL, and gives None.
    """
    exchanges: list[Exchange] = []
    try:
        while True:
            exchanges.append(next(asking))
    except StopIteration as end:
        return exchanges, end.value
    except OutOfScope as gone:
        *before, last = gone.exchanges
        return [*exchanges, replace(last, role=Role.CONTROL, rejected=tuple(before))], None


def _customers(
    client: RedstorClient, role: Role, root: Company, parent: Company
) -> tuple[list[Exchange], list[ListPage] | None]:
    wanted = List(V2_CUSTOMERS, parent.id, one_of_many=parent is not root)
    return collect(whole_list(client, wanted, role))


def _told(below: list[ListPage] | None, operation: str) -> list[ListPage]:
    """The pages about the root's customers: without them nothing is known of anyone."""
    if not below:
        raise IncompletePull(
            f"{operation} answered 204 No Content, which does not say that there are no customers"
        )
    return below


def _add(found: dict[str, Company], below: list[ListPage], operation: str) -> set[str]:
    """Take the companies of these pages; returns the ids of those they are customers of."""
    try:
        companies = [read_company(bytes(row)) for page in below for row in page.results]
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ContractBroken(f"{operation} lists a company that is none: {error}") from None
    for company in companies:
        if not company.parent:
            raise ContractBroken(f"{operation} lists {company.id} without the company that it is below")
        found.setdefault(company.id, company)
    return {company.parent for company in companies}
