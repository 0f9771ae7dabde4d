"""An issued document for people, as the register holds it."""

from __future__ import annotations

from decimal import Decimal

from rich.console import Console
from rich.table import Table

from warehouse.register import Content, Kind, Ledger


def print_document(ledger: Ledger, number: str, out: Console) -> None:
    """Print an invoice or a credit note, and what became of it.

    Parameters:
        ledger: the register.
        number: of a document in it.
    """
    entry = ledger.document(number)
    if entry is None:
        raise KeyError(number)
    document = entry.content
    seller, buyer = document["seller"], document["buyer"]
    title = "Invoice" if entry.kind is Kind.ISSUE else f"Credit note for {document['reference_number']}"
    facts = [
        ("From", _party(seller)),
        ("To", _party(buyer)),
        ("Your order", document["po_number"]),
        ("Issued", f"{document['issue_date']}, due {document['due_date']}"),
        ("Period", f"{document['period_start']} to before {document['period_end']}"),
        ("Reason", document["reason"]),
        ("Prepared by", f"{document['prepared_by']}, issued by {document['issued_by']}"),
        ("Register", f"entry {entry.seq}, {entry.sha256}"),
    ]
    if gone := ledger.voided(number):
        facts.append(("VOID", f"by {gone.by_person} on {gone.at[:10]}: {gone.content['reason']}"))
    facts += [
        ("Credited", f"by {note.subject}: {money(document, note.content['total'])}")
        for note in ledger.standing(number, Kind.CREDIT)
    ]
    out.print(f"{title} {number}", style="bold", highlight=False)
    for name, fact in facts:
        if fact:
            out.print(f"{name:<12} {fact}", highlight=False)
    out.print(_lines(document))


def _lines(document: Content) -> Table:
    table = Table()
    table.add_column("", justify="right")
    table.add_column("description", overflow="fold")
    table.add_column("quantity", justify="right", no_wrap=True)
    table.add_column("unit")
    for name in ("price", document["currency"]):
        table.add_column(name, justify="right", no_wrap=True)
    for line in document["lines"]:
        cells = [str(line["line_no"]), f"{line['description']}\n{line['rule']}", _plain(line["quantity"])]
        price = f"{_plain(line['unit_price'])} {line['price_currency']}" if line["unit_price"] else ""
        table.add_row(*cells, line["unit"] or "", price, money(document, line["amount"]))
    table.add_section()
    table.add_row("", "Net", "", "", "", money(document, document["net"]))
    for tax in document["taxes"]:
        words = f"{tax['name']} on {money(document, tax['taxable'])}"
        if tax["exemption_reason"]:
            words += f", {tax['exemption_reason']}"
        table.add_row("", words, "", "", "", money(document, tax["tax"]))
    table.add_row("", "Total", "", "", "", money(document, document["total"]), style="bold")
    return table


def _party(party: Content) -> str:
    return ", ".join(filter(None, [party["name"], party["country"], party["tax_id"]]))


def money(document: Content, amount: str) -> str:
    """An amount of a document with the decimals of its currency."""
    return str(Decimal(amount).quantize(Decimal(document["minor_unit"]).normalize()))


def _plain(number: str | None) -> str:
    return "" if number is None else f"{Decimal(number).normalize():f}"
