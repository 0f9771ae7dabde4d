"""Credit notes: a document that takes back an invoice, whole, in part or by line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from warehouse.invoicing.credited import Credit, Line, credit_all, credit_amount, credit_lines
from warehouse.invoicing.days import day_of
from warehouse.invoicing.issue import next_number
from warehouse.invoicing.people import because, person, same
from warehouse.invoicing.refusal import Refused
from warehouse.invoicing.session import Row, adding
from warehouse.invoicing.void import standing_document
from warehouse.register import Content, Entry, Kind, sha256

NO_COST = Decimal(0)  # the cost stays where it is: with the invoice


def credit(
    home: Path,
    number: str,
    by: str,
    approved_by: str,
    reason: str,
    *,
    lines: Mapping[int, Decimal | None] | None = None,
    amount: Decimal | None = None,
) -> Entry:
    """Issue a credit note over an invoice: over all that is left of it, unless lines or amount say less.

    Its amounts mirror the invoice's to the cent, at the invoice's own tax rates. All credit notes of an
    invoice together never take back more than any of its lines, taxes or totals.

    Parameters:
        home: data directory.
        number: of the invoice.
        by: who asks for it.
        approved_by: who issues it, somebody else.
        reason: why, as on the note.
        lines: by line number the net amount to take back, None for all that is left of the line. Of a line
            below zero it is below zero.
        amount: net amount to take back, shared out to the lines by what is left of them.

    Raises:
        Refused: it cannot be credited so.
        RegisterBroken: the register is not what was written.
    """
    who, approver, why = person(by), person(approved_by, "--approved-by"), because(reason)
    if same(who, approver):
        raise Refused(f"{who} asks for the credit note, so somebody else must approve it")
    with adding(home) as transaction:
        original = standing_document(transaction, number)
        if original.kind is not Kind.ISSUE:
            raise Refused(f"{number} is a credit note itself: void it")
        invoice = original.content
        earlier = [entry.content for entry in transaction.standing(number, Kind.CREDIT)]
        if lines:
            taken = credit_lines(invoice, earlier, lines)
        elif amount is not None:
            taken = credit_amount(invoice, earlier, amount)
        else:
            taken = credit_all(invoice, earlier)
        _not_again(earlier, taken, why)
        seller = invoice["seller"]
        new_number = next_number(transaction, seller["invoice_prefix"], seller["time_zone"])
        note = _note(invoice, new_number, taken, transaction.at)
        signed = {
            "reason": why,
            "prepared_by": who,
            "issued_by": approver,
            "evidence": {"document_sha256": sha256(original.body)},
        }
        return transaction.append(Kind.CREDIT, new_number, approver, note | signed, refers_to=number)


def _not_again(earlier: Sequence[Content], taken: Credit, reason: str) -> None:
    """Refuse what was given back already: a command that was stopped may have done its work.

    Raises:
        Refused: a note of the same amount and reason stands.
    """
    for note in earlier:
        if same(note["reason"], reason) and Decimal(note["net"]) == -taken.net:
            raise Refused(
                f"{note['reference_number']} was credited with {taken.net} for that reason already, as "
                f"{note['number']}; where this is another credit, give another reason"
            )


def _note(invoice: Content, number: str, taken: Credit, at: datetime) -> Row:
    day = day_of(at, invoice["seller"]["time_zone"])
    return invoice | {
        "document_id": sha256(number.encode())[:32],
        "kind": "credit_note",
        "number": number,
        "reference_number": invoice["number"],
        "issue_date": day,
        "due_date": day,
        "issued_at": at,
        "lines": [
            _line(line, invoice["number"], number, line_no)
            for line_no, line in enumerate(taken.lines, start=1)
        ],
        "taxes": [tax.row | {"taxable": -tax.taxable, "tax": -tax.tax} for tax in taken.taxes],
        "net": -taken.net,
        "tax": -taken.tax,
        "total": -taken.net - taken.tax,
        "content_sha256": None,
    }


def _line(line: Line, invoice: str, note: str, line_no: int) -> Row:
    """One line of the note. A part of a line has neither quantity nor price."""
    row = line.row
    exact, quantity = row["exact_amount"], row["quantity"]
    mirrored = {
        "exact_amount": -Decimal(exact),
        "quantity": None if quantity is None else -Decimal(quantity),
    }
    part = {
        "exact_amount": -line.amount,
        **dict.fromkeys(("quantity", "unit", "unit_price", "price_currency", "fx_rate")),
    }
    return (
        row
        | (mirrored if line.is_whole else part)
        | {
            "line_no": line_no,
            "invoice_line_id": sha256(f"{note} {line_no}".encode())[:32],
            "credited_line_no": row["line_no"],
            "description": f"Credit for line {row['line_no']} of {invoice}: {row['description']}",
            "rule": f"line {row['line_no']} of {invoice}, {'whole' if line.is_whole else 'in part'}",
            "amount": -line.amount,
            "cost_amount": NO_COST,
        }
    )
