"""Issued documents rated again from raw, as it was known when they were issued, and compared to the cent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb

from warehouse.as_known import Known, decide_as_known
from warehouse.audit.as_issued import known_of, months_of, tables_as_issued
from warehouse.audit.metered import Row, rows
from warehouse.models import version
from warehouse.reference.archive import load_archived
from warehouse.register import Entry, decode, encode

OTHER_SQL = " (it was issued by another version of this program)"


def rated_otherwise(home: Path, entries: Iterable[Entry]) -> Iterator[str]:
    """What is not the same when invoices are rated again, a sentence each.

    Invoices that were made of the same pulls and reference are rated by one build.

    Parameters:
        home: data directory.
        entries: those that issued the invoices; their reference tables are whole.
    """
    together = defaultdict[Known, list[Entry]](list)
    for entry in sorted(entries, key=lambda entry: entry.seq):
        together[replace(known_of(entry.content), register_seq=0)].append(entry)
    for known, issued in together.items():
        reference = load_archived(home, known.reference_sha256)
        months = {month for entry in issued for month in months_of(entry.content, reference)}
        try:
            with tables_as_issued(home, known, months) as tables:
                for entry in issued:
                    yield from _differences(tables, home, entry, months)
        except duckdb.Error as error:
            names = ", ".join(entry.subject for entry in issued)
            yield f"{names} cannot be rated again from raw: {' '.join(str(error).split())}"


def _differences(tables: duckdb.DuckDBPyConnection, home: Path, entry: Entry, months: set[date]) -> list[str]:
    document = entry.content
    evidence, month = document["evidence"], date.fromisoformat(document["month"])
    decide_as_known(tables, home, evidence["register_seq"], months, drafts_of=month)
    said = "" if evidence["models_sha256"] == version() else OTHER_SQL
    return [f"{sentence}{said}" for sentence in compared(tables, document)]


def compared(tables: duckdb.DuckDBPyConnection, document: Row) -> list[str]:
    """What an invoice says and its draft of now does not, a sentence each.

    Parameters:
        tables: with the draft.
        document: the invoice.
    """
    number, draft_of = document["number"], document["document_id"]
    drafts = {row["invoice_line_id"]: row for row in _rows(tables, "billing.draft_line", draft_of)}
    found = []
    for line in document["lines"]:
        name = f"{number} line {line['line_no']} ({line['description']})"
        draft = drafts.pop(line["invoice_line_id"], None)
        if draft is None:
            found.append(f"{name}: was issued with {line['amount']}, and from raw there is no such line")
        elif other := _other(line, draft):
            found.append(f"{name}: {other}")
    found += [
        f"{number}: from raw there is one more line, {draft['description']} with {draft['amount']}"
        for draft in drafts.values()
    ]
    taxes = {(tax["category"], tax["percent"]): tax for tax in _rows(tables, "billing.draft_tax", draft_of)}
    for tax in document["taxes"]:
        if other := _other(tax, taxes.pop((tax["category"], tax["percent"]), {})):
            found.append(f"{number}, {tax['name']}: {other}")
    found += [f"{number}: from raw there is one more tax, {tax['name']}" for tax in taxes.values()]
    (draft,) = _rows(tables, "billing.draft", draft_of) or ({},)
    whole = {name: document[name] for name in ("net", "tax", "total")}
    if not found:  # every word that the customer reads; where a line differs, it does
        whole["content_sha256"] = document["content_sha256"]
    if other := _other(whole, draft):
        found.append(f"{number}: {other}")
    return found


def _other(issued: Row, draft: Row) -> str:
    """Where two rows differ, in words; what the draft has beside is none of the document's."""
    return ", ".join(
        f"{name} was issued as {value} and is {draft.get(name)} from raw"
        for name, value in issued.items()
        if value != draft.get(name)
    )


def _rows(tables: duckdb.DuckDBPyConnection, table: str, invoice_id: str) -> list[Row]:
    """Rows of a draft, as the register would write them."""
    found = rows(tables, f"SELECT * FROM {table} WHERE invoice_id = ?", invoice_id)  # noqa: S608  # our own name
    return [decode(encode(row)) for row in found]
