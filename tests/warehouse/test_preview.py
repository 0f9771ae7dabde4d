"""The bill of a month as it stands, against the month before and the last look at it."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from audited import NOVEMBER, OCTOBER, SEPTEMBER, build, land, readings, set_now

from warehouse.invoicing.preview import preview
from warehouse.query import QueryRefused, query


def nets(home: Path, month: object) -> dict[tuple[str, str], Decimal]:
    rows = query(
        home / "warehouse.duckdb",
        "SELECT billed_customer_id, currency, net FROM billing.invoice "
        "WHERE month = ? AND document_kind = 'invoice' AND status <> 'voided'",
        [month],
    ).rows
    return {(customer, currency): net for customer, currency, net in rows}


def test_a_month_is_shown_against_the_month_before(issued_home: Path) -> None:
    """Net amounts of both months by customer; the first look has none before it."""
    found = preview(issued_home, OCTOBER)
    assert found.looked_at is None
    now = {(row.customer, row.currency): row.now for row in found.differences}
    last = {(row.customer, row.currency): row.last_month for row in found.differences}
    assert now == nets(issued_home, OCTOBER)
    assert last == nets(issued_home, SEPTEMBER)
    assert {row.last_look for row in found.differences} == {None}


def test_a_running_month_is_shown_against_the_last_look(issued_home: Path) -> None:
    """What a further day changed is told, by SKU for one customer."""
    first, second = NOVEMBER, NOVEMBER.replace(day=2)
    for day in (first, second):
        set_now(day.replace(day=day.day + 1))
        land(
            issued_home, day, [(a, r, size * day.day, seats * day.day) for a, r, size, seats in readings(day)]
        )
        build(issued_home, [day])
        found = preview(issued_home, NOVEMBER, "solo")
    seats = next(row for row in found.differences if row.sku == "seat")
    assert found.metered_until == second
    assert found.looked_at is not None
    assert seats.last_look is not None
    assert seats.now > seats.last_look > 0
    assert {row.customer for row in found.differences} == {"solo"}


def test_a_month_without_usage_is_refused(issued_home: Path) -> None:
    """An empty table would look like a month that costs nothing."""
    with pytest.raises(QueryRefused, match="2026-12 has no invoices"):
        preview(issued_home, NOVEMBER.replace(month=12))
