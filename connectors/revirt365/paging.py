"""Lists in pages, as the contract file says they go on, and what proves a list whole."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass

from connectors.errors import IncompletePull
from connectors.revirt365.answer import number_at, rows_at, text_at
from connectors.revirt365.client import Revirt365Client
from connectors.revirt365.contract import Listing, Paging
from connectors.stream import Exchange, Role

LONGEST = 100_000  # pages; a list that goes on for longer goes round in a circle


@dataclass(frozen=True)
class ListPage:
    """What the walk needs of a page."""

    rows: list[bytes]
    total: int | None
    next: str


@dataclass(frozen=True)
class Look:
    """One walk over a list: its different rows, and the totals it stated."""

    rows: frozenset[bytes]
    received: int
    totals: frozenset[int]
    pages: int


def whole_list(
    client: Revirt365Client,
    listing: Listing,
    placeholders: Mapping[str, str],
    context: Mapping[str, str],
    role: Role,
) -> Generator[Exchange, None, Look]:
    """The pages of a list, proven whole: by its total, or where there is none by a second walk.

    Yields:
        The exchanges; those of a second walk have the role CONTROL.

    Raises:
        IncompletePull: the rows do not add up.
    """
    look = yield from _walk(client, listing, placeholders, context, role)
    if listing.total_at:
        if len(look.totals) != 1:
            told = " and ".join(map(str, sorted(look.totals))) or "no total"
            raise IncompletePull(f"{listing.path} states {told} at {listing.total_at}, not one total")
        (total,) = look.totals
        if not total == look.received == len(look.rows):
            raise IncompletePull(
                f"{listing.path}: the vendor's total is {total}, {look.received} rows arrived, "
                f"{len(look.rows)} of them different"
            )
    elif look.pages > 1:
        again = yield from _walk(client, listing, placeholders, context, Role.CONTROL)
        if (again.rows, again.received) != (look.rows, len(look.rows)):
            raise IncompletePull(f"{listing.path} states no total, and two walks showed different rows")
    return look


def _walk(
    client: Revirt365Client,
    listing: Listing,
    placeholders: Mapping[str, str],
    context: Mapping[str, str],
    role: Role,
) -> Generator[Exchange, None, Look]:
    rows: list[bytes] = []
    totals: set[int] = set()
    pages = 0
    asked: set[str] = set()
    params: Mapping[str, str] | None = _first(listing.paging)
    while params is not None:
        exchange, page = client.get(
            listing,
            lambda body: _page(listing, body),
            placeholders=placeholders,
            params=params,
            context=context,
            role=role,
        )
        yield exchange
        pages += 1
        rows += page.rows
        if page.total is not None:
            totals.add(page.total)
        params = _next(listing, page, pages, len(rows))
        if page.next in asked or pages > LONGEST:
            raise IncompletePull(f"{listing.path}: page {pages} leads back to an earlier page")
        asked.update({page.next} - {""})
    return Look(frozenset(rows), len(rows), frozenset(totals), pages)


def _page(listing: Listing, body: bytes) -> ListPage:
    total = number_at(body, listing.total_at) if listing.total_at else None
    if total is not None and total < 0:
        raise ValueError(f"its total is {total}")
    more = listing.paging.next_at if listing.paging else None
    return ListPage(rows_at(body, listing.rows_at), total, text_at(body, more) if more else "")


def _size(paging: Paging) -> dict[str, str]:
    return {paging.size_parameter: str(paging.size)} if paging.size_parameter else {}


def _first(paging: Paging | None) -> dict[str, str]:
    """The parameters of the first page."""
    if paging is None:
        return {}
    match paging.kind:
        case "page":
            return {paging.parameter: str(paging.first), **_size(paging)}
        case "offset":
            return {paging.parameter: "0", **_size(paging)}
        case "token":
            return _size(paging)


def _next(listing: Listing, page: ListPage, pages: int, received: int) -> dict[str, str] | None:
    """The parameters of the next page; None after the last.

    Without a total only an empty page is the end: a short one may be what the vendor makes of a size
    that it does not grant.
    """
    paging = listing.paging
    if paging is None:
        return None
    if paging.kind == "token":
        return {paging.parameter: page.next, **_size(paging)} if page.next else None
    if not page.rows or (page.total is not None and received >= page.total):
        return None
    number = paging.first + pages if paging.kind == "page" else received
    return {paging.parameter: str(number), **_size(paging)}
