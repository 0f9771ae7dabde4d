"""Lists in pages: how RedAPI's page tokens and totals are walked, and what proves a list whole.

Facts (RedAPI, article 1607): pages hold at most 100 rows; `nextPageToken` is opaque and missing on
the last page; `totalCount` is stated on the first page when asked for, and is -1, 0 or missing
otherwise. The token is a page number in disguise, so rows that come or go shift the pages.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, field

import msgspec
from msgspec import Raw

from connectors.errors import IncompletePull
from connectors.redstor.client import RedstorClient
from connectors.stream import Exchange, Role

MAX_RESULTS = 100  # what Redstor does with more is not documented


class ListPage(msgspec.Struct):
    """What the walk needs of a page; names as the vendor's."""

    results: list[Raw]
    nextPageToken: str | None = None  # noqa: N815
    totalCount: int | None = None  # noqa: N815


LIST_ANSWER = msgspec.json.Decoder(ListPage).decode


@dataclass(frozen=True)
class List:
    """One list of the vendor, and how to ask for it.

    Attributes:
        operation, company, one_of_many: see `RedstorClient.get`.
        params: beside those of paging.
        context: kept with every page, beside its number.
    """

    operation: str
    company: str = ""
    params: Mapping[str, str] = field(default_factory=dict)
    context: Mapping[str, str] = field(default_factory=dict)
    one_of_many: bool = False


@dataclass
class Tally:
    """What the pages of one walk say about their number.

    Attributes:
        pages: read so far.
        totals: the different ones stated.
        last: rows on the last page.
    """

    pages: int = 0
    totals: set[int] = field(default_factory=set)
    last: int = 0

    def add(self, page: ListPage) -> None:
        """Count one more page."""
        self.pages += 1
        self.last = len(page.results)
        total = stated_total(page.totalCount, self.pages, self.last)
        if total is not None:
            self.totals.add(total)

    def needs_second_look(self, operation: str, *, one_of_many: bool = False) -> bool:
        """Whether nothing but a second walk can show that all pages are there.

        Of many short lists without a total, one is whole as it is when it ends on its first page, before
        that is full.

        Raises:
            IncompletePull: it ends with a full page, and neither a total nor a token says that it does.
        """
        if self.totals:
            return False
        if self.last >= MAX_RESULTS:
            raise IncompletePull(
                f"{operation} ends with a full page, and states no total that says there is no other"
            )
        return self.pages > 1 or not one_of_many


def stated_total(total: int | None, page: int, rows: int) -> int | None:
    """The vendor's total, if it is one: 0 counts only on an empty first page, and -1 never.

    Parameters:
        total: `totalCount` as it stands in the page.
        page: from 1.
        rows: on this page.
    """
    if total is None or total < 0:
        return None
    return total if total > 0 or (page == 1 and rows == 0) else None


def pages(client: RedstorClient, wanted: List, role: Role) -> Iterator[tuple[Exchange, ListPage | None]]:
    """Every page of a list, in order; each goes out before the next is asked for.

    A single pair with None stands for 204 No Content in place of the first page.

    Raises:
        IncompletePull: a page token comes again, or leads to no page.
    """
    number, token, asked = 1, "", set[str]()
    while True:
        paging = {"pageToken": token} if token else {"shouldReturnCount": "true"}
        exchange, page = client.get(
            wanted.operation,
            LIST_ANSWER,
            company=wanted.company,
            params={**wanted.params, "maxResults": str(MAX_RESULTS), **paging},
            context={**wanted.context, "page": str(number)},
            role=role,
            one_of_many=wanted.one_of_many,
        )
        yield exchange, page
        if page is None and token:
            raise IncompletePull(f"{wanted.operation}: page {number} was announced and is not there")
        if page is None or not page.nextPageToken:
            return
        token = page.nextPageToken  # opaque: it goes back as it came
        if token in asked:
            raise IncompletePull(f"{wanted.operation}: page {number} leads back to an earlier page")
        asked.add(token)
        number += 1


def whole_list(client: RedstorClient, wanted: List, role: Role) -> Generator[Exchange, None, list[ListPage]]:
    """The pages of a list that fits in memory, proven whole: by its total, or by a second look.

    Yields:
        The exchanges; those of a second look have the role CONTROL.

    Returns:
        The pages; none for 204 No Content.

    Raises:
        IncompletePull: the rows do not add up.
    """
    look, tally = [], Tally()
    for exchange, page in pages(client, wanted, role):
        yield exchange
        if page:
            look.append(page)
            tally.add(page)
    if not look:
        return []
    rows = _rows(look)
    if tally.totals and tally.totals != {len(rows)}:
        totals = " and ".join(map(str, sorted(tally.totals)))
        raise IncompletePull(f"{wanted.operation}: the vendor's total is {totals}, {len(rows)} rows arrived")
    if tally.needs_second_look(wanted.operation, one_of_many=wanted.one_of_many):
        again = []
        for exchange, page in pages(client, wanted, Role.CONTROL):
            yield exchange
            again += [page] if page else []
        if _rows(again) != rows:
            raise IncompletePull(f"{wanted.operation} states no total, and two looks showed different rows")
    return look


def _rows(look: list[ListPage]) -> frozenset[bytes]:
    """The different rows: one told twice, where pages shifted, is one row."""
    return frozenset(bytes(row) for page in look for row in page.results)
