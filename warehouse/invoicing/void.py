"""Void: an issued document does not count any more. Its number is never used again."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from warehouse.invoicing.people import because, person, same
from warehouse.invoicing.refusal import Refused
from warehouse.invoicing.session import adding, is_closed
from warehouse.register import Entry, Kind, Ledger, sha256


def void(home: Path, number: str, by: str, reason: str) -> Entry:
    """Void an invoice, whose month is then a draft again, or a credit note.

    Parameters:
        home: data directory.
        number: of the document.
        by: who; somebody else than who issued it.
        reason: why.

    Raises:
        Refused: it cannot be voided.
        RegisterBroken: the register is not what was written.
    """
    who, why = person(by), because(reason)
    with adding(home) as transaction:
        entry = standing_document(transaction, number)
        document = entry.content
        month = document["month"][:7]
        if same(who, document["issued_by"]):
            raise Refused(f"{number} was issued by {document['issued_by']}, so somebody else must void it")
        if notes := transaction.standing(number, Kind.CREDIT):
            raise Refused(f"{number} has the credit note {notes[0].subject}: void that first")
        entity = document["billing_entity_id"]
        if entry.kind is Kind.ISSUE and is_closed(transaction, entity, date.fromisoformat(document["month"])):
            raise Refused(f"{number} cannot be voided, {month} is closed: credit it, or reopen {month}")
        content = {
            column: document[column]
            for column in (
                "document_id",
                "number",
                "kind",
                "billing_entity_id",
                "billed_customer_id",
                "currency",
                "month",
            )
        }
        seal = {"reason": why, "document_sha256": sha256(entry.body)}
        return transaction.append(Kind.VOID, number, who, content | seal)


def standing_document(ledger: Ledger, number: str) -> Entry:
    """The entry of an issued document that is not voided.

    Raises:
        Refused: there is none.
    """
    entry = ledger.document(number)
    if entry is None:
        raise Refused(f"{number} is no number of an issued document")
    if gone := ledger.voided(number):
        raise Refused(f"{number} was voided by {gone.by_person} on {gone.at[:10]}")
    return entry
