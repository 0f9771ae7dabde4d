"""Infrascale's answers to rows. Pure: where things stand comes with the exchange, no WSDL is needed."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache, partial

import pyarrow as pa
import pyarrow.compute as pc

from connectors.errors import ContractBroken, IncompletePull
from connectors.infrascale import fields
from connectors.infrascale.reads import APPLIANCES, HIERARCHY, Read
from connectors.parser import empty_page
from connectors.stream import Exchange, Field, Page, Quarantined, Role, rows_schema
from connectors.transport.xml_answer import frame, rows_region, text_at
from connectors.transport.xml_rows import XmlRows


def parser(read: Read) -> Callable[[Exchange], Page]:
    """What types the exchanges of a stream that has the rows of `read`."""
    return partial(_page, read, read.fields)


def _page(read: Read, columns: tuple[Field, ...], exchange: Exchange) -> Page:
    if exchange.role is Role.CONTROL:  # of another operation, which may state how many rows there are
        page = empty_page(columns)
    else:
        page = _rows(read, exchange.context["rows"]).parse(exchange.body)
    return replace(
        page,
        vendor_total=stated(exchange, "total") if "total" in exchange.context else None,
        vendor_pages=stated(exchange, "pages") if "pages" in exchange.context else None,
    )


@lru_cache(maxsize=64)
def _rows(read: Read, path: str) -> XmlRows:
    return XmlRows(read.fields, path, read.known, read.verbatim)


def stated(exchange: Exchange, what: str) -> int:
    """A number the answer states beside its rows.

    Parameters:
        what: `total` or `pages`.

    Raises:
        ContractBroken: it states none, or no number.
    """
    places = exchange.context
    said = text_at(frame(exchange.body, _row_name(exchange)), places[what])
    if said is None or not said.isascii() or not said.isdigit():
        raise ContractBroken(f"{exchange.operation} states no number at {places[what]} but {said!r}")
    return int(said)


def entities(exchange: Exchange) -> Page:
    """The hierarchy: one tree, and its root is in the answer.

    Raises:
        IncompletePull: there is no root, several, or not the one asked for.
    """
    page = _page(HIERARCHY, HIERARCHY.fields, exchange)
    if exchange.role is Role.CONTROL:
        return page
    ids, parents = page.rows["entity_id"], page.rows["parent_entity_id"]
    roots = pc.filter(ids, pc.invert(pc.is_in(parents, value_set=ids))).to_pylist()
    target = int(exchange.context["target"])
    if target and target not in roots:
        raise IncompletePull(f"the hierarchy of entity {target} does not start with that entity")
    # The parent of a row may be in quarantine: then there seem to be more roots than one.
    if not roots or (len(roots) > 1 and not page.quarantined):
        raise IncompletePull(f"the hierarchy has {len(roots)} roots instead of one: {roots[:5]}")
    return page


def appliances(exchange: Exchange) -> Page:
    """The appliances of the entity asked for, without those that an entity below it has shown.

    An entity that the vendor did not show us is one quarantined row: what it has is unknown, not nothing.
    """
    columns = (fields.ASKED_FOR, *fields.APPLIANCES)
    if exchange.reason:
        reason = f"entity {exchange.context['entity_id']}: {exchange.reason}"
        row = Quarantined(reason, exchange.body.decode(errors="replace"))
        return replace(empty_page(columns), quarantined=(row,))
    page = _page(APPLIANCES, columns, exchange)
    if exchange.role is Role.CONTROL:
        return page
    below = pa.array(json.loads(exchange.context.get("below", "[]")), pa.string())
    rows = page.rows.filter(pc.invert(pc.is_in(page.rows["uuid"], value_set=below)))
    owner = pa.repeat(pa.scalar(int(exchange.context["entity_id"]), pa.int64()), rows.num_rows)
    batch = pa.RecordBatch.from_arrays([owner, *rows.columns], schema=rows_schema(columns))
    return replace(page, rows=batch)


def uuids(exchange: Exchange) -> list[str]:
    """The primary appliances an answer shows."""
    shown: list[str] = _page(APPLIANCES, APPLIANCES.fields, exchange).rows["uuid"].to_pylist()
    return shown


def share_a_row(page: Exchange, following: Exchange) -> bool:
    """Whether the last row of a page stands in the following one too, to the letter."""
    row = _row_name(page)
    if not (region := rows_region(page.body, row)):
        return False
    last = page.body.rfind(b"<" + row.encode(), 0, region[1])
    return page.body[last : region[1]] in following.body


def _row_name(exchange: Exchange) -> str:
    return exchange.context["rows"].rpartition("/")[2]
