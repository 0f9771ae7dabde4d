"""How each stream is asked for: whom, in which pages, up to where."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, time, timedelta
from functools import partial
from typing import TYPE_CHECKING

from connectors.errors import IncompletePull, OutOfScope
from connectors.infrascale import parse
from connectors.infrascale.reads import (
    ACCOUNTS,
    APPLIANCES,
    CLOUD_USAGE,
    COMPANIES,
    HISTORY_EVENTS,
    LICENSES,
    USED_SPACE,
    Read,
)
from connectors.infrascale.tree import Tree
from connectors.stream import Exchange, Role, UsageDay
from connectors.transport.concurrency import ordered_map

if TYPE_CHECKING:
    from connectors.infrascale.client import InfrascaleClient

ACCOUNTS_PAGE, EVENTS_PAGE = 10_000, 5_000  # the most the vendor allows
COMPANIES_PAGE = 1_000  # the vendor's default; its most is not stated, and it counts companies, not rows
PAGES_AT_ONCE = 4  # a page is megabytes, and twice as many may wait to be parsed
VERSION = 3  # of the events' consumer: a lower or a higher one removes or rewrites rows

COMPANY_ROWS = parse.parser(COMPANIES)

# The filter's members are value types: each is sent, also where its flag says that it does not count.
_NO_FILTER: Mapping[str, object] = {
    "IndicatorFilterDefined": False,
    "IndicatorFilterValue": "Ok",
    "StatusFilterDefined": False,
    "StatusFilterValue": "Completed",
    "EventTypeFilterDefined": False,
    "EventTypeFilterValue": "BackupCompleted",
    "EventBackupTypeFilterDefined": False,
    "EventBackupTypeFilterValue": "Online",
    "AccountNameFilterDefined": False,
    "AccountTypeFilterIsNotDefined": True,  # the one flag that is the other way round
    "AccountTypeFilterValue": "BackupAccount",
    "SystemNameFilterDefined": False,
}


def entities(client: InfrascaleClient, _day: UsageDay) -> Iterator[Exchange]:
    """GetEntityHierarchy: one answer, asked for twice: it has no total."""
    for role in (Role.ROWS, Role.SECOND_LOOK):
        yield client.ask_hierarchy(role)


def accounts(client: InfrascaleClient, _day: UsageDay) -> Iterator[Exchange]:
    """GetEntityAccounts: the active accounts of the whole tree."""
    values = {"TargetEntityID": client.connection.entity_id, "PageSize": ACCOUNTS_PAGE}
    yield from _by_total(client, ACCOUNTS, values, ACCOUNTS_PAGE)


def companies(client: InfrascaleClient, _day: UsageDay) -> Iterator[Exchange]:
    """GetCompaniesSummary: one answer, which has every active company that the hierarchy shows.

    Raises:
        IncompletePull: one is missing.
    """
    exchange = client.ask(COMPANIES, {"PartnerEntityId": client.connection.entity_id})
    yield exchange
    hierarchy = client.ask_hierarchy(Role.CONTROL)
    yield hierarchy
    page = COMPANY_ROWS(exchange)
    missing = Tree.of(hierarchy).companies.difference(page.rows["company_entity_id"].to_pylist())
    if len(missing) > len(page.quarantined):
        raise IncompletePull(
            f"{len(missing)} active companies of the hierarchy are missing from the answer, among them "
            f"{min(missing)}"
        )


def licenses(client: InfrascaleClient, _day: UsageDay) -> Iterator[Exchange]:
    """GetAssignedLicensesSummary: one answer for all descendants, asked for twice: it has no total."""
    for role in (Role.ROWS, Role.SECOND_LOOK):
        yield from _whole_tree(client, LICENSES, role)


def used_space(client: InfrascaleClient, _day: UsageDay) -> Iterator[Exchange]:
    """GetUsedSpaceForAllAccounts: one answer for all descendants; their number is the accounts' total."""
    yield from _whole_tree(client, USED_SPACE, Role.ROWS)
    first = {"TargetEntityID": client.connection.entity_id, "PageSize": 1, "PageIndex": 1}
    yield client.ask(ACCOUNTS, first, role=Role.CONTROL)


def cloud_usage(client: InfrascaleClient, _day: UsageDay) -> Iterator[Exchange]:
    """GetCloudUsage: pages of companies, as many as the first says, walked twice: rows have no total."""
    # The vendor's prose, its example and its other operations spell the entity three ways.
    entity = {"ForEntityID|TargetEntityID|ForEntityId": client.connection.entity_id}

    def page(number: int, role: Role) -> Exchange:
        values = {**entity, "PageNumber": number, "PageSize": COMPANIES_PAGE}
        return client.ask(CLOUD_USAGE, values, role=role)

    for role in (Role.ROWS, Role.SECOND_LOOK):
        yield from _walk(client, partial(page, role=role), lambda first: parse.stated(first, "pages"))


def history_events(client: InfrascaleClient, day: UsageDay) -> Iterator[Exchange]:
    """GetHistoryEvents: what clients logged on the day before `day` and on `day`, by their own clocks."""
    # Clients west of us end their day after ours: the day before is complete only now. The vendor
    # does not say whether the ends count: a second more at the start, and the end as it is, lose
    # nothing; a row outside is harmless, since staging goes by the row's own date.
    before = datetime.combine(day.date, time()) - timedelta(days=1, seconds=1)
    after = datetime.combine(day.date, time()) + timedelta(days=1)
    values = {
        **_NO_FILTER,
        "EntityId": client.root_entity,
        "FromDateFilterDefined": True,
        "FromDateFilterValue": before,
        "ToDateFilterDefined": True,
        "ToDateFilterValue": after,
        "Version": VERSION,
        "PageSize": EVENTS_PAGE,
    }
    yield from _whom_we_asked(client)
    last: Exchange | None = None
    shifted = False
    for page in _by_total(client, HISTORY_EVENTS, values, EVENTS_PAGE):
        shifted = shifted or (last is not None and parse.share_a_row(last, page))
        last = page
        yield page
    if shifted:
        # Events have no key: only a second walk tells a page that shifted from an event logged twice.
        yield from _by_total(client, HISTORY_EVENTS, values, EVENTS_PAGE, Role.SECOND_LOOK)


def appliances(client: InfrascaleClient, _day: UsageDay) -> Iterator[Exchange]:
    """GetEntityAppliances, for every active entity, the deepest first, and all of them once more.

    The rows name no entity, and the vendor does not say whether an entity's answer covers those below
    it. Asking each one is right either way: an appliance belongs to the deepest entity that shows it.
    An entity that is out of scope is handed out with the reason; only the root stops the pull.
    """
    hierarchy = client.hierarchy()
    yield hierarchy
    tree = Tree.of(hierarchy)
    for role in (Role.ROWS, Role.SECOND_LOOK):  # the answers have no total
        yield from _each_entity(client, tree, role)


def _each_entity(client: InfrascaleClient, tree: Tree, role: Role) -> Iterator[Exchange]:
    def ask(entity: int) -> Exchange:
        try:
            return client.ask(APPLIANCES, {"EntityId": entity}, context={"entity_id": str(entity)}, role=role)
        except OutOfScope as gone:
            if entity == tree.root:
                raise
            # Moved or cancelled since the hierarchy was read: handed out with the reason, for the quarantine.
            *attempts, last = gone.exchanges
            return replace(last, role=role, reason=str(gone), rejected=tuple(attempts))

    shown: dict[int, set[str]] = {}
    for exchange in ordered_map(ask, tree.active_deepest_first(), client.connection.max_in_flight):
        if exchange.reason:
            yield exchange
            continue
        entity = int(exchange.context["entity_id"])
        below = shown.get(entity, set())
        seen = set(parse.uuids(exchange))
        for above in tree.ancestors(entity):
            shown.setdefault(above, set()).update(seen)
        yield replace(exchange, context={**exchange.context, "below": json.dumps(sorted(below & seen))})


def _whole_tree(client: InfrascaleClient, read: Read, role: Role) -> Iterator[Exchange]:
    entity = client.root_entity
    if role is Role.ROWS:
        yield from _whom_we_asked(client)
    yield client.ask(read, {"EntityId": entity, "ChildAccountsOnly": False}, role=role)


def _whom_we_asked(client: InfrascaleClient) -> Iterator[Exchange]:
    """The hierarchy, where it had to be read to know our own id: these operations do not know 0."""
    if not client.connection.entity_id:
        yield client.hierarchy()


def _by_total(
    client: InfrascaleClient,
    read: Read,
    values: Mapping[str, object],
    size: int,
    role: Role = Role.ROWS,
) -> Iterator[Exchange]:
    """All pages of `size` rows, by the total that the first one states."""

    def page(index: int) -> Exchange:
        return client.ask(read, {**values, "PageIndex": index}, role=role)

    return _walk(client, page, lambda first: -(-parse.stated(first, "total") // size))


def _walk(
    client: InfrascaleClient, page: Callable[[int], Exchange], pages: Callable[[Exchange], int]
) -> Iterator[Exchange]:
    """Page 1, then as many as it says there are, in order, some of them under way at once."""
    first = page(1)
    rest = range(2, pages(first) + 1)
    yield first
    yield from ordered_map(page, rest, min(PAGES_AT_ONCE, client.connection.max_in_flight))
