"""Revenue, cost and margin, for people: added up by one thing, or line by line."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from warehouse.query import Answer, in_cents, query

GROUPS = {
    "customer": "customer_id",
    "vendor": "vendor",
    "sku": "sku",
    "month": "strftime(month, '%Y-%m')",
}
"""By what margins are added up."""

WANTED = """
WHERE (? IS NULL OR month = ?)
    AND (? IS NULL OR ? IN (billed_customer_id, customer_id))
    AND (? IS NULL OR list_contains(string_split(vendor, ', '), ?))
    AND (? IS NULL OR sku = ?)
"""
SUMMED = """
SELECT
    {group} AS "{by}",
    currency,
    sum(revenue) AS revenue,
    CASE WHEN count(*) = count(cost) THEN sum(cost) END AS cost,
    CASE WHEN count(*) = count(margin) THEN sum(margin) END AS margin,
    sum(revenue_of_unknown_cost) AS of_unknown_cost
FROM billing.margin
{wanted}
GROUP BY {group}, currency
ORDER BY currency, revenue DESC, "{by}"
"""
LINES = f"""
SELECT
    strftime(month, '%Y-%m') AS month,
    coalesce(number, status, '') AS document,
    line_no AS line,
    customer_id AS customer,
    vendor,
    sku AS "SKU",
    description,
    currency,
    revenue,
    cost,
    margin
FROM billing.margin_line
{WANTED}
ORDER BY month, billed_customer_id, document, line, customer, "SKU", dimension
"""  # noqa: S608  # our own names


def margins(  # noqa: PLR0917 - one filter each
    warehouse: Path,
    by: str,
    month: date | None = None,
    customer: str | None = None,
    vendor: str | None = None,
    sku: str | None = None,
) -> Answer:
    """What is left of the revenue after cost, by one of `GROUPS`; credit notes are counted in.

    Parameters:
        warehouse: the published file.
        by: name in `GROUPS`.
        month: first day; None for every month, as in the other filters.
        customer: that is billed, or that a line is for.

    Returns:
        A row for each currency. Cost and margin are None where the cost of a line is not known, and
        `of_unknown_cost` is the revenue of such lines; `percent` is the margin of the revenue.

    Raises:
        QueryRefused: nothing is published yet.
    """
    sql = SUMMED.format(group=GROUPS[by], by=by, wanted=WANTED)
    answer = query(warehouse, sql, _filters(month, customer, vendor, sku))
    return _with_percent(in_cents(answer, ("revenue", "cost", "margin", "of_unknown_cost")))


def margin_lines(
    warehouse: Path,
    month: date | None = None,
    customer: str | None = None,
    vendor: str | None = None,
    sku: str | None = None,
) -> Answer:
    """The lines that `margins` adds up.

    Parameters, Raises: as `margins`.

    Returns:
        A row for each line, and for usage that is charged at nothing, which stands on no document.
    """
    answer = query(warehouse, LINES, _filters(month, customer, vendor, sku))
    return _with_percent(in_cents(answer, ("revenue", "cost", "margin")))


def _filters(*values: date | str | None) -> list[date | str | None]:
    return [value for value in values for _ in range(2)]


def _with_percent(answer: Answer) -> Answer:
    revenue, margin = (answer.columns.index(name) for name in ("revenue", "margin"))
    return replace(
        answer,
        columns=(*answer.columns, "percent"),
        numeric=(*answer.numeric, True),
        rows=[(*row, _percent(row[margin], row[revenue])) for row in answer.rows],
    )


def _percent(margin: Decimal | None, revenue: Decimal) -> Decimal | None:
    if margin is None or not revenue:
        return None
    return (margin * 100 / revenue).quantize(Decimal("0.1"), ROUND_HALF_UP)
