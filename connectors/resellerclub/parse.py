"""Answers to rows: searches by number, orders one by one, catalogues by product key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from functools import cache
from zoneinfo import ZoneInfo

import pyarrow as pa
from msgspec import Raw

from connectors.errors import ContractBroken
from connectors.parser import empty_page
from connectors.resellerclub import fields
from connectors.resellerclub.answers import search_page
from connectors.resellerclub.values import value
from connectors.stream import Exchange, Page, Quarantined
from connectors.transport.json_exact import members_of
from connectors.transport.json_rows import NUMBERED, OBJECT, JsonRows

BESIDE = frozenset({"recsonpage", "recsindb"})

_DATES = {"started_on": "created_at", "ends_on": "ends_at", "occurred_on": "occurred_at"}
"""Columns that are another one's date in the billing zone."""

_CUSTOMER = JsonRows(fields.CUSTOMERS, NUMBERED, beside=BESIDE, total_at="recsindb", value=value)
_PLAN = JsonRows(fields.PLANS, OBJECT, given=frozenset({"product_key", "plan_id"}), value=value)
_BALANCE = JsonRows(fields.BALANCE, OBJECT, given=frozenset({"reseller_id"}), value=value)


def read_customers(exchange: Exchange) -> Page:
    """A page of customers."""
    return _CUSTOMER.read(exchange)


def read_balance(exchange: Exchange) -> Page:
    """The one row of a balance."""
    return _BALANCE.read(exchange)


def read_order(exchange: Exchange) -> Page:
    """One order, or none where it cannot be typed: the others are billed, and it goes to quarantine.

    The total is that of the lists it was found in.
    """
    shape = _order(exchange.context["plan_field"], exchange.context["storage_field"])
    try:
        page = _dated(shape.read(exchange), exchange)
    except ContractBroken as error:
        untyped = Quarantined(str(error), exchange.body.decode(errors="replace"))
        page = replace(empty_page(fields.ORDERS), quarantined=(untyped,))
    return replace(page, vendor_total=int(exchange.context["listed"]))


def read_transactions(exchange: Exchange) -> Page:
    """A page of transactions, whose fields the vendor names `<its table>.<field>`.

    Which table that is for one's own account no page says, so it is taken from the first row.
    """
    try:
        rows = search_page(exchange.body).rows
    except (ValueError, RecursionError) as error:
        raise ContractBroken(
            f"{exchange.operation} answered something else than its contract says: {error}"
        ) from None
    tables = {name.rpartition(".")[0] for row in rows[:1] for name in row if name.endswith(".transid")}
    return _dated(_transaction(*tables or {""}).read(exchange), exchange)


def read_plans(exchange: Exchange) -> Page:
    """The plans of each backup product; a plan that cannot be typed goes to quarantine.

    Raises:
        ContractBroken: a product is not there, or no plan of it can be typed.
    """
    pages: list[Page] = []
    quarantined: list[Quarantined] = []
    for product, members in products_of(exchange):
        before = len(pages)
        for plan, raw in members.items():
            context = {**exchange.context, "product_key": product, "plan_id": plan}
            try:
                if not (plan.isascii() and plan.isdigit()):
                    raise ContractBroken(f"{plan[:40]!r} is no plan id")  # noqa: TRY301  # as any other mistake
                pages.append(_PLAN.read(replace(exchange, body=bytes(raw), context=context)))
            except ContractBroken as error:
                quarantined.append(Quarantined(str(error), bytes(raw).decode(errors="replace")))
        if len(pages) == before:
            reason = quarantined[-1].reason if quarantined else "it is empty"
            raise ContractBroken(f"{exchange.operation} told no plan of {product}: {reason}")
    return Page(
        pa.concat_batches([page.rows for page in pages]),
        tuple(quarantined),
        frozenset().union(*(page.unknown_fields for page in pages)),
    )


def products_of(exchange: Exchange) -> Iterator[tuple[str, dict[str, Raw]]]:
    """The members of each backup product in an answer that holds all products.

    Raises:
        ContractBroken: one is not there, or is no object.
    """
    try:
        every = members_of(exchange.body)
        for product in exchange.context["products"].split(","):
            if product not in every:
                raise ValueError(  # noqa: TRY301  # one sentence for all ways
                    f"it tells nothing of {product}; is its region one of RESELLERCLUB_REGIONS by mistake?"
                )
            yield product, members_of(bytes(every[product]))
    except (ValueError, RecursionError) as error:
        raise ContractBroken(
            f"{exchange.operation} answered something else than its contract says: {error}"
        ) from None


@cache
def _order(plan: str, storage: str) -> JsonRows:
    return JsonRows(
        fields.ORDERS,
        OBJECT,
        sources={"plan_id": plan, "storage_gib": storage, "started_on": None, "ends_on": None},
        given=frozenset({"region"}),
        verbatim=frozenset({"order_status", "jump_conditions"}),
        value=value,
    )


@cache
def _transaction(table: str) -> JsonRows:
    named = {f.column: f"{table}.{f.source}" if table else f.source for f in fields.TRANSACTIONS if f.source}
    return JsonRows(
        fields.TRANSACTIONS,
        NUMBERED,
        beside=BESIDE,
        total_at="recsindb",
        sources={**named, "occurred_on": None},
        value=value,
    )


def _dated(page: Page, exchange: Exchange) -> Page:
    """The page with its dates in the billing zone, which the answers do not know."""
    zone = ZoneInfo(exchange.context["zone"])
    rows = page.rows
    for column, source in _DATES.items():
        if column in rows.schema.names:
            place = rows.schema.get_field_index(column)
            dates = pa.array(_dates(rows[source], zone), pa.date32())
            rows = rows.set_column(place, rows.schema.field(place), dates)
    return replace(page, rows=rows)


def _dates(instants: Iterable[pa.Scalar], zone: ZoneInfo) -> Iterator[date]:
    return (instant.as_py().astimezone(zone).date() for instant in instants)
