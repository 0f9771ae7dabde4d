"""Which requests make up a pull of each stream; one after the other, never two at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import partial
from itertools import count

from connectors import clock
from connectors.errors import ContractBroken, IncompletePull
from connectors.resellerclub import client as api
from connectors.resellerclub.answers import Found, read_currency, search_page, text_at
from connectors.resellerclub.client import ResellerClubClient
from connectors.resellerclub.parse import read_order
from connectors.stream import Exchange, Role, UsageDay
from connectors.transport.json_exact import members_of

SURELY_THERE = timedelta(days=31)  # when transactions are archived is not documented; not within a month
ORDER_ID = "orders.orderid"
BY_ORDER_ID = {"order-by": "orderid"}  # said although it is the default: pages need one and the same order
PAGE_ROWS = 100  # documented for customers: 10 to 500


def fetch_orders(client: ResellerClubClient, day: UsageDay) -> Iterator[Exchange]:
    """Region by region the list of orders, then each order's details, which hold what was ordered.

    Raises:
        ContractBroken: not one order can be typed, as after a renamed field.
    """
    listed = {}
    for region in client.connection.regions:
        orders = []
        pages = _pages(client, api.ORDERS, Role.CONTROL, region=region, needed=ORDER_ID, params=BY_ORDER_ID)
        for exchange, found in pages:
            yield exchange
            orders += [text_at(row, ORDER_ID) for row in found.rows]
        if len(set(orders)) != found.total:
            raise IncompletePull(
                f"{api.ORDERS} of {region}: the vendor's total is {found.total}, "
                f"{len(set(orders))} orders arrived"
            )
        listed[region] = dict.fromkeys(orders)
    context = {
        "listed": str(sum(map(len, listed.values()))),
        "zone": str(day.zone),
        "plan_field": client.connection.plan_field,
        "storage_field": client.connection.storage_field,
    }
    is_any_typed, untyped = False, ""
    for region, ids in listed.items():
        for order_id in ids:
            exchange = client.details(region, order_id, context)
            yield exchange
            if not is_any_typed:
                quarantined = read_order(exchange).quarantined
                is_any_typed, untyped = not quarantined, "".join(row.reason for row in quarantined)
    if untyped:
        raise ContractBroken(f"none of {context['listed']} orders can be typed, the last: {untyped}")


def fetch_customers(client: ResellerClubClient, day: UsageDay) -> Iterator[Exchange]:  # noqa: ARG001  # the present only
    """Every customer of ours, suspended and deleted ones as the vendor lists them."""
    for exchange, _ in _pages(client, api.CUSTOMERS, Role.ROWS):
        yield exchange


def fetch_transactions(client: ResellerClubClient, day: UsageDay) -> Iterator[Exchange]:
    """The vendor's charges and receipts of the day: our own account with it.

    Both bounds are exclusive, so the first is asked one second early; staging takes the day's own.
    Old transactions leave the search for an archive: none on an old day is believed only while the
    search still holds older ones.

    Raises:
        IncompletePull: the search does not reach back to that day.
    """
    until = {"transaction-date-end": str(int(day.ends_at.timestamp()))}
    bounds = {"transaction-date-start": str(int(day.starts_at.timestamp()) - 1), **until}
    context, rows = {"zone": str(day.zone)}, 0
    for exchange, found in _pages(client, api.TRANSACTIONS, Role.ROWS, params=bounds, context=context):
        yield exchange
        rows += len(found.rows)
    if rows == 0 and clock.now() - day.ends_at > SURELY_THERE:
        older = _pages(client, api.TRANSACTIONS, Role.CONTROL, params=until)
        exchange, found = next(older)
        yield exchange
        if not found.rows:
            raise IncompletePull(
                f"{api.TRANSACTIONS} holds no transaction up to {day.date}: they may be archived by now, "
                "so that day's are unknown"
            )


def fetch_plans(client: ResellerClubClient, day: UsageDay) -> Iterator[Exchange]:  # noqa: ARG001
    """The plans of every product there is; the backup ones are rows."""
    exchange, _ = client.get(api.PLANS, members_of, context=_products(client))
    yield exchange


def fetch_cost_prices(client: ResellerClubClient, day: UsageDay) -> Iterator[Exchange]:  # noqa: ARG001
    """What ResellerClub charges us."""
    return _prices(client, api.COST_PRICES)


def fetch_customer_prices(client: ResellerClubClient, day: UsageDay) -> Iterator[Exchange]:  # noqa: ARG001
    """What the vendor's shop charges our customers for us."""
    return _prices(client, api.CUSTOMER_PRICES)


def fetch_balance(client: ResellerClubClient, day: UsageDay) -> Iterator[Exchange]:  # noqa: ARG001
    """Our account with the vendor."""
    exchange, _ = _balance(client, Role.ROWS)
    yield exchange


def _prices(client: ResellerClubClient, operation: str) -> Iterator[Exchange]:
    # A price list names no currency.
    exchange, currency = _balance(client, Role.CONTROL)
    yield exchange
    exchange, _ = client.get(operation, members_of, context={**_products(client), "currency": currency})
    yield exchange


def _balance(client: ResellerClubClient, role: Role) -> tuple[Exchange, str]:
    reseller = client.connection.auth_userid
    return client.get(
        api.BALANCE,
        read_currency,
        params={"reseller-id": reseller},
        context={"reseller_id": reseller},
        role=role,
    )


def _products(client: ResellerClubClient) -> dict[str, str]:
    """The product keys that an answer about all products must hold."""
    return {"products": ",".join(f"acronisbackup{region}" for region in client.connection.regions)}


def _pages(
    client: ResellerClubClient,
    operation: str,
    role: Role,
    *,
    region: str = "",
    needed: str = "",
    params: Mapping[str, str] | None = None,
    context: Mapping[str, str] | None = None,
) -> Iterator[tuple[Exchange, Found]]:
    """Every page of a search, until as many rows as there are have come, or a page is empty.

    Raises:
        IncompletePull: a page is the one before it once more, or states another total than that.
    """
    rows, before = 0, b""
    total: int | None = None
    for number in count(1):
        exchange, found = client.get(
            operation,
            partial(search_page, needed=needed),
            region=region,
            params={"no-of-records": str(PAGE_ROWS), "page-no": str(number), **(params or {})},
            context={**(context or {}), **({"region": region} if region else {}), "page": str(number)},
            role=role,
        )
        yield exchange, found
        if total not in (None, found.total):
            raise IncompletePull(
                f"{operation}{f' of {region}' if region else ''}: the vendor's total was {total} and is "
                f"{found.total} on page {number}, so rows came or went while the pages were read"
            )
        total = found.total
        rows += len(found.rows)
        if rows >= found.total or not found.rows:
            return
        if exchange.body == before:
            raise IncompletePull(f"{operation}: page {number} is page {number - 1} once more")
        before = exchange.body
