"""What does not add up, on the command line: reconcile, and findings list, show, ack, waive."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated

import typer

from pipelines.cli_changes import bring_up_to_date, changing
from pipelines.cli_invoices import By, Reason
from pipelines.terminal import month_of, out, refuse, settings_or_refuse

app = typer.Typer(help="What does not add up: list, show, take on, let pass.", no_args_is_help=True)

OfMonth = Annotated[str | None, typer.Option("--month", help="Only this one, as YYYY-MM; all when left out.")]
Fingerprint = Annotated[str, typer.Argument(metavar="ID", help="As findings list shows it.")]


def reconcile(month: OfMonth = None) -> None:
    """Bring the tables up to date and show what does not add up, by check and worst first.

    Ends with 1 while something blocks.
    """
    settings, chosen = settings_or_refuse(), month_of(month) if month else None
    from pipelines.printing import table_of
    from warehouse.query import QueryRefused
    from warehouse.reconciliation.overview import by_check

    bring_up_to_date([chosen] if chosen else [])
    try:
        answer = by_check(settings.warehouse, chosen)
    except QueryRefused as error:
        refuse(str(error))
    out.print(table_of("Findings by check", answer, longest=None) if answer.rows else "Everything adds up.")
    if answer.rows:
        out.print("One by one: backup-billing findings list")
    blocking = answer.columns.index("blocking")
    raise typer.Exit(1 if any(row[blocking] for row in answer.rows) else 0)


@app.command("list")
def list_findings(
    month: OfMonth = None,
    code: Annotated[str | None, typer.Option(help="Only of this check, as R-09.")] = None,
    customer: Annotated[str | None, typer.Option(help="Only about this customer.")] = None,
    state: Annotated[
        list[str] | None,
        typer.Option(help="open, reopened, acknowledged, waived or fixed; may be repeated. The first three."),
    ] = None,
) -> None:
    """List findings: those that block first, then by money."""
    settings, chosen = settings_or_refuse(), month_of(month) if month else None
    from pipelines.printing import table_of
    from warehouse.query import QueryRefused
    from warehouse.reconciliation.overview import STANDING, STATES, findings

    if unknown := sorted({*(state or ())} - {*STATES}):
        refuse(f"--state is {unknown[0]!r}; there are {', '.join(STATES)}")
    try:
        answer = findings(settings.warehouse, chosen, code, customer, state or STANDING)
    except QueryRefused as error:
        refuse(str(error))
    out.print(table_of("Findings", answer, longest=None) if answer.rows else "No findings.")


@app.command()
def show(finding: Fingerprint) -> None:
    """Show all that is known of a finding."""
    settings = settings_or_refuse()
    from warehouse.query import QueryRefused
    from warehouse.reconciliation.overview import finding as look

    try:
        answer = look(settings.warehouse, finding)
    except QueryRefused as error:
        refuse(str(error))
    if len(answer.rows) != 1:
        refuse(f"{finding!r} names {len(answer.rows) or 'no'} findings: see findings list", status=1)
    for name, value in zip(answer.columns, answer.rows[0], strict=True):
        if value is not None:
            out.print(f"{name:20} {value}", highlight=False)


@app.command()
def ack(
    finding: Fingerprint,
    by: By,
    owner: Annotated[str | None, typer.Option(help="Who sees to it; who says so when left out.")] = None,
    reason: Annotated[str | None, typer.Option(help="What is being done.")] = None,
) -> None:
    """Say who sees to a finding. It blocks as before."""
    settings = settings_or_refuse()
    from warehouse.reconciliation.decisions import acknowledge

    with changing(settings) as touched:
        entry = acknowledge(settings.home, finding, by, owner, reason)
        touched(entry)
    out.print(f"{entry.content['owner']} sees to {entry.subject[:8]}", highlight=False)


@app.command()
def waive(
    finding: Fingerprint,
    by: By,
    until: Annotated[str, typer.Option(help="The last day on which it may pass, as YYYY-MM-DD.")],
    reason: Reason,
) -> None:
    """Let a finding pass for a time, and for no more than what it is about now."""
    settings = settings_or_refuse()
    from warehouse.reconciliation.decisions import waive as let_pass
    from warehouse.reference.cells import CURRENCIES

    try:
        last = date.fromisoformat(until)
    except ValueError:
        refuse(f"--until is {until!r}, not a date; for example 2026-12-31")
    with changing(settings) as touched:
        entry = let_pass(settings.home, finding, by, last, reason)
        touched(entry)
    about = entry.content
    amount = f"{Decimal(about['amount_at_risk']):.{CURRENCIES.get(about['currency'], 2)}f}"
    what = f"{amount} {about['currency'] or ''}".strip()
    out.print(f"{entry.subject[:8]} may pass until {until}, up to {what}", highlight=False)
