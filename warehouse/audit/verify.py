"""Is everything still what was issued? The register, the reference, the raw data, the lines, the prices."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path

from warehouse.as_known import LandingAsKnown
from warehouse.audit.as_issued import known_of
from warehouse.audit.prices import edited_under
from warehouse.audit.raw_files import damages, pulls_in_use
from warehouse.audit.rerate import rated_otherwise
from warehouse.calendar import month_days
from warehouse.invoicing.document import does_not_add_up
from warehouse.invoicing.refusal import Refused
from warehouse.landing import Pull
from warehouse.reference.archive import ArchiveUnusable, load_archived
from warehouse.reference.loader import load_reference
from warehouse.reference.rows import ReferenceMistakes, Rows
from warehouse.reference.source import Source
from warehouse.register import Content, Entry, Kind, Register, RegisterBroken, sha256


@dataclass(slots=True)
class Verified:
    """What was looked at, and what is wrong.

    Attributes:
        wrong: a sentence for each thing.
        entries, references, pulls, documents, lines: how many of them were looked at.
    """

    wrong: list[str] = field(default_factory=list)
    entries: int = 0
    references: int = 0
    pulls: int = 0
    documents: int = 0
    lines: int = 0

    def __str__(self) -> str:
        return (
            f"{self.entries} entries of the register, {self.references} sets of reference tables and the "
            f"files of {self.pulls} pulls are what was written; {self.documents} documents with {self.lines} "
            "lines are to the cent what they are from raw, and no price that they rely on was edited"
        )


def verify(home: Path, source: Source | None, number: str | None = None) -> Verified:
    """Check what was issued against everything that it was made from.

    What came later, as readings that a vendor has restated, is no fault: it is restated.

    Parameters:
        home: data directory.
        source: the user's reference tables as they are now; None for none.
        number: of a document, with its invoice where it is a credit note; None for all of them, voided
            ones too.

    Raises:
        Refused: there is no such document.
    """
    found = Verified()
    try:
        found.entries = Register(home).verify().seq
    except RegisterBroken as broken:
        found.wrong.append(str(broken))
        return found
    entries = _documents(home, number)
    invoices = [entry for entry in entries if entry.kind is Kind.ISSUE]
    found.documents = len(entries)
    found.lines = sum(len(entry.content["lines"]) for entry in entries)
    found.wrong += [sentence for entry in entries for sentence in _sums(entry.content)]
    found.wrong += _credits(entries)
    references = _references(home, invoices, found)
    found.references = len(references)
    sound = [entry for entry in invoices if entry.content["evidence"]["reference_sha256"] in references]
    try:
        found.wrong += _raw(home, sound, found)
        found.wrong += rated_otherwise(home, sound)
    except ValueError as unreadable:  # a manifest: without it nobody can say which pulls there are
        found.wrong.append(str(unreadable))
    found.wrong += _prices(source, sound, references)
    return found


def _documents(home: Path, number: str | None) -> list[Entry]:
    register = Register(home)
    if number is None:
        return list(register.documents())
    with register.reading() as ledger:
        entry = ledger.document(number)
        if entry is None:
            raise Refused(f"{number} is no number of an issued document")
        invoice = ledger.document(entry.content["reference_number"] or number)
    return [entry] if invoice is None or invoice.seq == entry.seq else [invoice, entry]


def _sums(document: Content) -> Iterator[str]:
    def exact(row: Content, *names: str) -> Content:
        return {name: Decimal(row[name]) for name in names}

    amounts = {
        **exact(document, "net", "tax", "total"),
        "lines": [exact(line, "amount") for line in document["lines"]],
        "taxes": [exact(tax, "taxable", "tax") for tax in document["taxes"]],
    }
    if wrong := does_not_add_up(amounts):
        yield f"{document['number']}: {wrong}"


def _credits(entries: Sequence[Entry]) -> Iterator[str]:
    bodies = {entry.subject: entry.body for entry in entries}
    for entry in entries:
        note = entry.content
        if entry.kind is Kind.CREDIT:
            body = bodies.get(note["reference_number"])
            if body is None or sha256(body) != note["evidence"]["document_sha256"]:
                yield f"{entry.subject}: {note['reference_number']} is not the invoice that it takes back"


def _references(home: Path, invoices: Sequence[Entry], found: Verified) -> dict[str, Rows]:
    """The archived sets that invoices were made by, but those that are not what was archived."""
    sets = {}
    for name in sorted({entry.content["evidence"]["reference_sha256"] for entry in invoices}):
        try:
            sets[name] = load_archived(home, name)
        except ArchiveUnusable as unusable:
            found.wrong.append(str(unusable))
    return sets


def _raw(home: Path, invoices: Sequence[Entry], found: Verified) -> Iterator[str]:
    """The files of the pulls that invoices were made from, and whether they are all there are."""
    checked: dict[str, Pull] = {}
    for entry in invoices:
        evidence = entry.content["evidence"]
        landing = LandingAsKnown(home / "raw", known_of(entry.content).pulled_until)
        for month, stated in evidence["pulls"].items():
            pulls = pulls_in_use(landing.pulls(month_days(date.fromisoformat(f"{month}-01"))))
            ids = "\n".join(pull.pull_id for pull in pulls)
            if hashlib.sha256(ids.encode()).hexdigest() != stated:
                yield (
                    f"{entry.subject}: the pulls of {month} in {landing.root} are not those it was made "
                    "from: some are missing, or their manifests were changed; restore them from a backup"
                )
            for pull in pulls:
                if pull.pull_id not in checked:
                    checked[pull.pull_id] = pull
                    yield from damages(home, pull)
    found.pulls = len(checked)


def _prices(source: Source | None, invoices: Sequence[Entry], references: dict[str, Rows]) -> list[str]:
    if source is None or not invoices:
        return []
    try:
        now = load_reference(source)
    except ReferenceMistakes as mistakes:
        return list(mistakes.lines)
    except FileNotFoundError as error:
        return [str(error)]
    return list(edited_under((entry.content for entry in invoices), references, now))
