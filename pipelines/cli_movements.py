"""Commands that say why revenue moved and what is left of it: bridge and margin."""

from __future__ import annotations

from typing import Annotated

import typer

from pipelines.terminal import month_of, out, refuse, settings_or_refuse

OfMonth = Annotated[
    str | None, typer.Option("--month", help="As YYYY-MM; the last full month when left out.")
]
OneCustomer = Annotated[
    str | None, typer.Option("--customer", help="Only what is billed to it, or to another for it.")
]


def bridge(month: OfMonth = None, customer: OneCustomer = None) -> None:
    """Show what made the invoices of a month others than those of the month before, and who moved most."""
    from pipelines.printing import table_of
    from warehouse.query import QueryRefused
    from warehouse.reconciliation.movements import movers, totals

    chosen, warehouse = month_of(month), settings_or_refuse().warehouse
    try:
        summed, moved = totals(warehouse, chosen, customer), movers(warehouse, chosen, customer)
    except QueryRefused as error:
        refuse(str(error))
    if not summed.rows:
        refuse(
            f"nothing was billed{f' to {customer}' if customer else ''} in {chosen:%Y-%m} or before it",
            status=1,
        )
    out.print(table_of(f"{chosen:%B %Y} against the month before", summed))
    out.print(table_of(f"By SKU of {customer}" if customer else "Largest movers", moved))


def margin(  # noqa: PLR0917 - options
    month: OfMonth = None,
    by: Annotated[str, typer.Option(help="customer, vendor, sku, or month for all months.")] = "customer",
    customer: OneCustomer = None,
    vendor: Annotated[str | None, typer.Option(help="Only what comes from it.")] = None,
    sku: Annotated[str | None, typer.Option(help="Only this SKU.")] = None,
    lines: Annotated[bool, typer.Option("--lines", help="Line by line.")] = False,
) -> None:
    """Show revenue, cost and margin, added up or line by line.

    A cost that is not known is left empty, and so is the margin.
    """
    from pipelines.printing import LONGEST, table_of
    from warehouse.query import QueryRefused
    from warehouse.reconciliation.margins import GROUPS, margin_lines, margins

    if by not in GROUPS:
        refuse(f"--by is {by!r}; there are {', '.join(GROUPS)}")
    chosen = None if by == "month" and month is None else month_of(month)
    warehouse, filters = settings_or_refuse().warehouse, (chosen, customer, vendor, sku)
    try:
        answer = margin_lines(warehouse, *filters) if lines else margins(warehouse, by, *filters)
    except QueryRefused as error:
        refuse(str(error))
    title = f"Margin of {chosen:%B %Y}" if chosen else "Margin by month"
    out.print(
        table_of(title, answer, longest=None if lines else LONGEST) if answer.rows else "Nothing was billed."
    )
