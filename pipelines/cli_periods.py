"""Months and what changes in them afterwards: restatements, waive, close, reopen."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

import typer

from pipelines.cli_changes import changing
from pipelines.cli_invoices import Approver, By, Reason, TheMonth
from pipelines.terminal import month_of, out, refuse, settings_or_refuse

SomeMonth = Annotated[
    str | None,
    typer.Argument(metavar="[MONTH]", help="The month that changed, as YYYY-MM; all when left out."),
]


def restatements(month: SomeMonth = None) -> None:
    """List what is no longer what was billed, and where the difference is booked."""
    settings, chosen = settings_or_refuse(), month_of(month) if month else None
    from pipelines.printing import table_of
    from warehouse.invoicing.listing import restatements as listed
    from warehouse.query import QueryRefused

    try:
        answer = listed(settings.warehouse, chosen)
    except QueryRefused as error:
        refuse(str(error))
    out.print(table_of("Restatements", answer, longest=None) if answer.rows else "No restatements.")


def waive(
    restatement: Annotated[str, typer.Argument(metavar="ID", help="As restatements shows it.")],
    by: By,
    reason: Reason,
) -> None:
    """Waive what is open of a restatement: it is neither charged nor given back."""
    settings = settings_or_refuse()
    from warehouse.invoicing.waive import waive as let_go

    with changing(settings) as touched:
        entry = let_go(settings.home, restatement, by, reason)
        touched(entry)
    waived = entry.content
    amount = f"{Decimal(waived['exact_amount']).normalize():f}"
    out.print(
        f"waived {amount} {waived['currency']} of {waived['month'][:7]}, {waived['billed_customer_id']}",
        highlight=False,
    )


def close(month: TheMonth, by: By) -> None:
    """Go through the checklist of a month, print what blocks, and close it when nothing does."""
    settings, chosen = settings_or_refuse(), month_of(month)
    from warehouse.invoicing.close import close as seal

    with changing(settings, chosen):
        closed = seal(settings.home, chosen, by)
    if closed.blocked:
        refuse(*(f"{item.what}: {item.sentence}" for item in closed.blocked), status=1)
    for entry in closed.entries:
        out.print(
            f"{entry.subject} is closed: entry {entry.seq} of the register, {entry.sha256}", highlight=False
        )


def reopen(month: TheMonth, by: By, approved_by: Approver, reason: Reason) -> None:
    """Open a closed month again; it takes two persons and a reason."""
    settings, chosen = settings_or_refuse(), month_of(month)
    from warehouse.invoicing.close import reopen as unseal

    with changing(settings, chosen):
        entries = unseal(settings.home, chosen, by, approved_by, reason)
    for entry in entries:
        out.print(f"{entry.subject} is open again", highlight=False)
