"""Commands that show figures and change nothing: preview and what-if."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from pipelines.terminal import HERE, RunningMonth, month_of, out, refuse, settings_or_refuse

Customer = Annotated[str | None, typer.Option("--customer", help="Only this billed customer, SKU by SKU.")]


def preview(month: RunningMonth = None, customer: Customer = None) -> None:
    """Show the bill of a month as it stands, against the month before and the last look at it."""
    from warehouse.invoicing.preview import Difference
    from warehouse.invoicing.preview import preview as look
    from warehouse.query import QueryRefused
    from warehouse.reference.cells import CURRENCIES

    try:
        found = look(settings_or_refuse().home, month_of(month, running=True), customer)
    except QueryRefused as error:
        refuse(str(error))
    table = Table(title=f"{found.month:%B %Y}, metered until {found.metered_until}")
    for name in ("customer", "currency", *(["SKU"] if customer else [])):
        table.add_column(name)
    since = f"since {found.looked_at:%d %b %H:%M}" if found.looked_at else "first look"
    for name in ("net", "last month", "difference", since):
        table.add_column(name, justify="right")

    def cells(row: Difference) -> list[str]:
        digits = CURRENCIES[row.currency]
        change = row.now - row.last_month
        look = Decimal(0) if row.last_look is None else row.now - row.last_look
        figures = [f"{row.now:,.{digits}f}", f"{row.last_month:,.{digits}f}"]
        figures += [f"{part:+,.{digits}f}" if part else "" for part in (change, look)]
        return [row.customer, row.currency, *([row.sku] if customer else []), *figures]

    for row in found.differences:
        table.add_row(*cells(row))
    out.print(table)


def what_if(
    rate_card: Annotated[Path, typer.Option(help="CSV like rate.csv: its price lists replace those in use.")],
    months: Annotated[int, typer.Option(min=1, max=120, help="How many, up to the last metered one.")] = 24,
) -> None:
    """Rate the metered usage of past months at other prices: who pays more, who less, what is left of it."""
    from warehouse.query import QueryRefused
    from warehouse.reference.rows import ReferenceMistakes
    from warehouse.what_if import candidate, last_metered, months_before
    from warehouse.what_if import what_if as rate

    settings = settings_or_refuse()
    if settings.reference is None:
        refuse("there are no prices to compare with: see BACKUP_BILLING_REFERENCE in the README")
    try:
        last = last_metered(settings.warehouse)
        if last is None:
            refuse("nothing is metered yet: run a night first")
        answer = rate(
            settings.warehouse,
            candidate(settings.reference, HERE / rate_card),
            months_before(last, months),
        )
    except ReferenceMistakes as mistakes:
        refuse(*mistakes.lines)
    except (QueryRefused, FileNotFoundError) as error:
        refuse(str(error))
    from pipelines.printing import table_of

    out.print(table_of(f"{months} months up to {last:%Y-%m} at the prices of {rate_card.name}", answer))
    outcomes = [row[-1] for row in answer.rows]
    out.print(
        f"{outcomes.count('pays more')} would pay more, {outcomes.count('pays less')} less, "
        f"{outcomes.count('same')} the same."
    )
