"""The life of an invoice on the command line: prepare, issue, void, credit, invoices, show."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Annotated

import typer

from pipelines.cli_changes import changing
from pipelines.terminal import Month, month_of, out, refuse, settings_or_refuse

By = Annotated[str, typer.Option("--by", help="Who does this.")]
Approver = Annotated[str, typer.Option("--approved-by", help="Who approves it, somebody else.")]
Reason = Annotated[str, typer.Option("--reason", help="Why, in the register for ever.")]
TheMonth = Annotated[str, typer.Argument(metavar="MONTH", help="As YYYY-MM; it must have ended.")]
Number = Annotated[str, typer.Argument(metavar="NUMBER", help="Of the document, as NWE-2026-000001.")]


def prepare(month: TheMonth, by: By) -> None:
    """Review the drafts of a month: vouch for them as they are. Somebody else issues them."""
    settings, chosen = settings_or_refuse(), month_of(month)
    from warehouse.invoicing.prepare import prepare as review

    with changing(settings, chosen):
        found = review(settings.home, chosen, by)
    out.print(f"{month}: {len(found.drafts)} drafts reviewed by {by}", highlight=False)
    _say(found.stopped)


def issue(
    month: TheMonth,
    by: By,
    customer: Annotated[
        list[str] | None, typer.Option("--customer", help="Only this billed customer; may be repeated.")
    ] = None,
) -> None:
    """Issue the reviewed drafts of a month: documents with numbers, for ever."""
    settings, chosen = settings_or_refuse(), month_of(month)
    from pipelines.printing_documents import money
    from warehouse.invoicing.issue import issue as seal

    with changing(settings, chosen):
        issued = seal(settings.home, chosen, by, customer or ())
    for entry in issued.entries:
        document = entry.content
        total = f"{money(document, document['total'])} {document['currency']}"
        out.print(f"{entry.subject}  {document['billed_customer_id']}  {total}", highlight=False)
    if not issued.entries and not issued.refused:
        out.print(f"nothing is left to issue of {month}")
    _say(issued.refused)


def void(number: Number, by: By, reason: Reason) -> None:
    """Void a document. Its month is a draft again; its number is not used again."""
    settings = settings_or_refuse()
    from warehouse.invoicing.void import void as strike

    with changing(settings) as touched:
        entry = strike(settings.home, number, by, reason)
        touched(entry)
    out.print(f"{number} is void", highlight=False)


def credit(
    number: Number,
    *,
    by: By,
    approved_by: Approver,
    reason: Reason,
    line: Annotated[
        list[str] | None,
        typer.Option("--line", help="N for all that is left of line N, N=12.50 for a part; may be repeated."),
    ] = None,
    amount: Annotated[
        str | None, typer.Option("--amount", help="Net amount, shared out to the lines.")
    ] = None,
) -> None:
    """Issue a credit note over an invoice: over all of it, some lines, or an amount."""
    settings = settings_or_refuse()
    from pipelines.printing_documents import money
    from warehouse.invoicing.credit import credit as give_back

    if line and amount:
        refuse("--line and --amount exclude each other")
    named = [_line(text) for text in line or ()]
    lines = dict(named)
    if len(lines) < len(named):
        refuse("--line names a line twice: give the whole of what is credited of it once")
    net = None if amount is None else _amount("--amount", amount)
    with changing(settings) as touched:
        entry = give_back(settings.home, number, by, approved_by, reason, lines=lines, amount=net)
        touched(entry)
    note = entry.content
    total = f"{money(note, note['total'])} {note['currency']}"
    out.print(f"{entry.subject}  {total}  for {number}", highlight=False)


def invoices(month: Month = None) -> None:
    """List the drafts and documents of a month."""
    settings, chosen = settings_or_refuse(), month_of(month)
    from pipelines.printing import table_of
    from warehouse.invoicing.listing import invoices as listed
    from warehouse.query import QueryRefused

    try:
        out.print(table_of(f"Invoices of {chosen:%B %Y}", listed(settings.warehouse, chosen), longest=None))
    except QueryRefused as error:
        refuse(str(error))


def show(number: Number) -> None:
    """Print an issued document, as the register holds it."""
    settings = settings_or_refuse()
    from pipelines.printing_documents import print_document
    from warehouse.register import Register, RegisterBroken

    try:
        with Register(settings.home).reading() as ledger:
            if ledger.document(number) is None:
                refuse(f"{number} is no number of an issued document", status=1)
            print_document(ledger, number, out)
    except RegisterBroken as error:
        refuse(str(error), status=1)


def _line(text: str) -> tuple[int, Decimal | None]:
    number, equals, amount = text.partition("=")
    if not number.isascii() or not number.isdigit():
        refuse(f"--line is {text!r}, not a line; for example 3, or 3=12.50")
    return int(number), _amount("--line", amount) if equals else None


def _amount(option: str, text: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite():
        refuse(f"{option} is {text!r}, not an amount; for example 12.50")
    return amount


def _say(sentences: list[str]) -> None:
    """What could not be done: a line each, and exit status 1."""
    if sentences:
        refuse(*sentences, status=1)
