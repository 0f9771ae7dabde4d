"""Why a line is what it is: the price rule, the readings of each day, the raw rows, the vendor's answers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import msgspec

from warehouse.audit.as_issued import known_of, months_of, tables_as_issued
from warehouse.audit.basis import Basis, basis
from warehouse.audit.metered import Row, Usage, metered, rows
from warehouse.audit.raw_rows import Raw, raw_rows
from warehouse.build import FILE
from warehouse.invoicing.evidence import Evidence
from warehouse.invoicing.refusal import Refused
from warehouse.invoicing.session import Tables
from warehouse.models import version
from warehouse.publish import read
from warehouse.reference.archive import load_archived
from warehouse.register import Content, Entry, Kind, Register

REF = """
SELECT invoice_id, number, CASE WHEN invoice_line_id = $ref THEN line_no END AS line_no
FROM billing.invoice_line
WHERE invoice_line_id = $ref OR invoice_id = $ref
ORDER BY status = 'voided', line_no
LIMIT 1
"""
CHARGED = "SELECT charge_line_id, charge_id FROM billing.charge WHERE list_contains(?, charge_line_id)"
# A correction is of what was charged for another month.
CORRECTED = """
SELECT DISTINCT charge_id
FROM billing.charge
WHERE month = CAST(? AS DATE) AND billed_customer_id = ? AND currency = ?
    AND customer_id = ? AND sku = ? AND dimension = ? AND tax_class = ? AND charge_id IS NOT NULL
ORDER BY charge_id
"""


@dataclass(frozen=True, slots=True)
class LineExplained:
    """One line.

    Attributes:
        line: its columns, as on the document or the draft.
        usage: the usage records it charges.
        basis: what else it is computed from.
    """

    line: Row
    usage: list[Usage]
    basis: list[Basis]


@dataclass(frozen=True, slots=True)
class Explanation:
    """A document or a draft, or one line of it.

    Attributes:
        document: what is said once for all lines: number, customer, month, currency, totals.
        lines: those that were asked for.
        raw: the raw rows of their readings, and the answers those stand in.
    """

    document: Row
    lines: list[LineExplained]
    raw: Raw


def explain(home: Path, ref: str) -> Explanation:
    """Say where each line of an invoice comes from, as it was known when the invoice was issued.

    Parameters:
        home: data directory.
        ref: number of a document, invoice_id of a draft, or invoice_line_id of a line.

    Raises:
        Refused: there is no such thing.
        RawDamaged, ArchiveUnusable, RegisterBroken: what it was made from is not there any more.
    """
    number, invoice_id, line_no = _found(home, ref)
    if number is None:
        with read(home / FILE) as tables:
            return _explained(tables, home, _draft(tables, str(invoice_id)), line_no)
    with Register(home).reading() as ledger:
        entry = ledger.document(number)
    if entry is None:
        raise Refused(f"{number} is not in the register: the warehouse is of another one; run rebuild")
    if entry.kind is Kind.CREDIT:
        return _credited(home, entry, line_no)
    with _tables(home, entry.content) as tables:
        return _explained(tables, home, {**entry.content, "seq": entry.seq}, line_no)


def _found(home: Path, ref: str) -> tuple[str | None, str | None, int | None]:
    """Number and invoice_id of what is asked for, and the line where it is one."""
    with Register(home).reading() as ledger:
        if ledger.document(ref):
            return ref, None, None
    try:
        with read(home / FILE) as tables:
            found = tables.execute(REF, {"ref": ref}).fetchone()
    except FileNotFoundError as error:
        raise Refused(str(error)) from None
    if not ref or found is None:
        raise Refused(f"{ref!r} is neither the number of a document nor the id of a draft or of a line")
    return found[1], found[0], found[2]


def _draft(tables: duckdb.DuckDBPyConnection, invoice_id: str) -> Row:
    (draft,) = rows(tables, "SELECT * FROM billing.draft WHERE invoice_id = ?", invoice_id)
    lines = rows(tables, "SELECT * FROM billing.draft_line WHERE invoice_id = ? ORDER BY line_no", invoice_id)
    (seq,) = tables.execute("SELECT coalesce(max(seq), 0) + 1 FROM billing.register_entry").fetchone() or (1,)
    return {**draft, "number": None, "kind": "draft", "lines": lines, "seq": seq}


@contextmanager
def _tables(home: Path, document: Content) -> Iterator[duckdb.DuckDBPyConnection]:
    """The published tables, or those of then where something has changed since."""
    known = known_of(document)
    months = months_of(document, load_archived(home, known.reference_sha256))
    said = document["evidence"]
    if (home / FILE).exists() and {f"{month:%Y-%m}" for month in months} == said["pulls"].keys():
        with read(home / FILE) as published:
            now = Evidence(Tables(published))
            same = ("models_sha256", "reference_sha256", "pulls")
            if said["models_sha256"] == version() and all(
                now.of(months)[name] == said[name] for name in same
            ):
                yield published
                return
    with tables_as_issued(home, known, months) as tables:
        yield tables


def _explained(
    tables: duckdb.DuckDBPyConnection, home: Path, document: Row, line_no: int | None
) -> Explanation:
    lines = [line for line in document["lines"] if line_no in (None, line["line_no"])]
    said = {name: value for name, value in document.items() if not isinstance(value, (list, dict))}
    charges = _charges(tables, said, lines)
    usage = metered(tables, {charge for of_line in charges.values() for charge in of_line})
    explained = []
    for line in lines:
        of_line = charges.get(line["line_no"], [])
        priced = of_line[0] if of_line and line["kind"] != "correction" else None
        found = basis(tables, {**said, **line}, priced)
        explained.append(
            LineExplained(line, [record for charge in of_line for record in usage.get(charge, ())], found)
        )
    readings = {
        (reading.pull_id, reading.row_no)
        for line in explained
        for record in line.usage
        for day in record.days
        for reading in day.readings
    }
    return Explanation(said, explained, raw_rows(tables, home, readings))


def _charges(tables: duckdb.DuckDBPyConnection, document: Row, lines: list[Row]) -> dict[int, list[str]]:
    """By line number, the priced quantities that a line is of."""
    asked = [line["charge_line_id"] for line in lines]
    priced = {row["charge_line_id"]: row["charge_id"] for row in rows(tables, CHARGED, asked)}
    found = {}
    for line in lines:
        if line["kind"] == "correction":
            whose = [document[name] for name in ("billed_customer_id", "currency")]
            what = [line[name] for name in ("customer_id", "sku", "dimension", "tax_class")]
            corrected = rows(tables, CORRECTED, line["restates_month"], *whose, *what)
            found[line["line_no"]] = [row["charge_id"] for row in corrected]
        elif charge_id := priced.get(line["charge_line_id"]):
            found[line["line_no"]] = [charge_id]
    return found


def _credited(home: Path, entry: Entry, line_no: int | None) -> Explanation:
    """A credit note: each line takes back one of the invoice's, which explains itself."""
    note = entry.content
    with Register(home).reading() as ledger:
        invoice = ledger.document(note["reference_number"])
    taken = {line["line_no"]: line for line in invoice.content["lines"]} if invoice else {}
    columns = ("line_no", "invoice_line_id", "description", "rule", "quantity", "exact_amount", "amount")
    return Explanation(
        {name: value for name, value in note.items() if not isinstance(value, (list, dict))},
        [
            LineExplained(
                line,
                [],
                [
                    Basis(
                        f"line of {note['reference_number']}",
                        [{name: taken[line["credited_line_no"]][name] for name in columns}],
                    )
                ],
            )
            for line in note["lines"]
            if line_no in (None, line["line_no"])
        ],
        Raw({}, {}),
    )


def to_json(found: Explanation) -> bytes:
    """The same for machines: JSON, decimals as text; rows and answers stand once, with their pull's id."""
    content = {
        "document": found.document,
        "lines": found.lines,
        "rows": list(found.raw.rows.values()),
        "answers": list(found.raw.responses.values()),
    }
    return msgspec.json.format(msgspec.json.encode(content), indent=2) + b"\n"
