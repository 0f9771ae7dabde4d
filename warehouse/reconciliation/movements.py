"""The bridge of a month against the one before, for people: its totals, and who moved most."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

from warehouse.query import Answer, in_cents, query

PARTS = ("price", "volume", "new", "lost", "fx", "corrections", "contracts")

_SUMS = """
    book_currency AS currency,
    sum(amount_before) AS last_month,
    sum(price) AS price,
    sum(volume) AS volume,
    sum(new_business) AS new,
    sum(lost_business) AS lost,
    sum(fx) AS fx,
    sum(correction) AS corrections,
    sum(contract) AS contracts,
    CAST(0 AS DECIMAL(18,4)) AS rounding,
    sum(amount_now) AS this_month
FROM reconciliation.bridge
WHERE month = ?
    AND (? IS NULL OR ? IN (billed_customer_id, customer_id))
"""
TOTALS = f"SELECT billing_entity_id AS entity, {_SUMS} GROUP BY ALL ORDER BY ALL"
BY_CUSTOMER = f"""
SELECT billed_customer_id AS customer, {_SUMS}
GROUP BY billing_entity_id, billed_customer_id, book_currency
ORDER BY abs(sum(difference)) DESC, customer, currency
"""
BY_SKU = f"""
SELECT billed_customer_id AS billed, customer_id AS customer, sku AS "SKU", {_SUMS}
GROUP BY billing_entity_id, billed_customer_id, customer_id, sku, book_currency
ORDER BY abs(sum(difference)) DESC, billed, customer, "SKU", currency
"""


def totals(warehouse: Path, month: date, customer: str | None = None) -> Answer:
    """From the net of last month's documents to that of a month's, by billing entity and currency.

    Parameters:
        warehouse: the published file.
        month: first day.
        customer: only what is billed to it, or stands on another's invoice for it; None for all.

    Returns:
        Amounts in cents, a row a currency; what cents take or give is in `rounding`, so that a row
        adds up as it stands.

    Raises:
        QueryRefused: nothing is published yet.
    """
    return _adding_up(query(warehouse, TOTALS, [month, customer, customer]))


def movers(warehouse: Path, month: date, customer: str | None = None) -> Answer:
    """The same by billed customer, or for one customer SKU by SKU; the largest change first.

    Parameters, Returns, Raises: as `totals`.
    """
    return _adding_up(query(warehouse, BY_SKU if customer else BY_CUSTOMER, [month, customer, customer]))


def _adding_up(answer: Answer) -> Answer:
    """The answer in cents, each row with the rounding that it then needs."""
    answer = in_cents(answer, ("last_month", *PARTS, "rounding", "this_month"))
    place = {name: n for n, name in enumerate(answer.columns)}
    rows = []
    for row in answer.rows:
        change = row[place["this_month"]] - row[place["last_month"]]
        rounding = change - sum((row[place[part]] for part in PARTS), Decimal(0))
        at = place["rounding"]
        rows.append((*row[:at], rounding, *row[at + 1 :]))
    return replace(answer, rows=rows)
