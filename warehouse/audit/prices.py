"""Rows of the price tables that issued invoices rely on, and that were edited in place since."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from warehouse.calendar import month_after
from warehouse.reference.cells import plain
from warehouse.reference.rows import Row, Rows
from warehouse.reference.schema import TABLES, Table
from warehouse.register import Content

PRICED = (
    "rate_card",
    "rate",
    "tax_rate",
    "fx_rate",
    "contract",
    "contract_item",
    "commitment",
    "discount",
)
SHOWN = 3  # numbers in a sentence
NAMES = {table.name: table for table in TABLES}


@dataclass(frozen=True, slots=True)
class Edit:
    """A row that is no longer what it was.

    Attributes:
        table: its declaration.
        before: the row as it was known.
        now: the row that stands in its place; None where there is none.
        columns: in which they differ.
    """

    table: Table
    before: Row
    now: Row | None
    columns: tuple[str, ...]

    def touches(self, month: date) -> bool:
        """Whether the row was another one in that month: an end that came later is no edit of it."""
        after = month_after(month)
        if not _holds(self.before, month, after):
            return False
        if self.columns != ("valid_to",) or self.now is None:
            return True
        ends = [min(row["valid_to"] or after, after) for row in (self.before, self.now)]
        return ends[0] != ends[1]

    def sentence(self, relied: Collection[str]) -> str:
        """What was edited, and which invoices rely on it."""
        more = f" and {len(relied) - SHOWN} more" if len(relied) > SHOWN else ""
        names = ", ".join(sorted(relied)[:SHOWN]) + more
        if self.now is None or self.now.sheet is None:
            key = (*self.table.key, *(("valid_from",) if self.table.is_dated else ()))
            row = ", ".join(f"{name} {plain(self.before[name])}" for name in key if plain(self.before[name]))
            return (
                f"{self.table.name}.csv has no row of {row} any more, but issued by it: {names}. Put it "
                "back, and end it by valid_to"
            )
        edits = ", ".join(
            f"{name} was {plain(self.before[name]) or 'empty'} and is {plain(self.now[name]) or 'empty'}"
            for name in self.columns
        )
        return (
            f"{self.now.sheet.file} {self.now.place}, {edits}, but issued by what it was: {names}. Put it "
            "back, end it by valid_to, and add a row"
        )


def edits(before: Rows, now: Rows) -> list[Edit]:
    """The rows of the price tables that are not there any more as they were."""
    found = []
    for name in PRICED:
        table = NAMES[name]
        current = {_key(table, row): row for row in now[name]}
        known = {_key(table, row) for row in before[name]}
        new = [row for key, row in current.items() if key not in known]
        for row in before[name]:
            successor = current.get(_key(table, row)) or _most_alike(table, row, new)
            columns = _differences(table, row, successor) if successor else ()
            if successor is None or columns:
                found.append(Edit(table, row, successor, columns))
    return found


def edited_under(documents: Iterable[Content], references: Mapping[str, Rows], now: Rows) -> Iterator[str]:
    """What was edited in place under issued invoices, a sentence for each row.

    Parameters:
        documents: invoices.
        references: the tables that they were made by, by their SHA-256.
        now: the user's tables.
    """
    by_reference = {name: edits(rows, now) for name, rows in references.items()}
    found: dict[tuple[Any, ...], tuple[Edit, set[str]]] = {}
    for document in documents:
        reference = document["evidence"]["reference_sha256"]
        for edit in by_reference.get(reference, ()):
            if _relies(document, references[reference], edit):
                place = (edit.table.name, *_key(edit.table, edit.before), edit.columns)
                found.setdefault(place, (edit, set()))[1].add(document["number"])
    for edit, numbers in found.values():
        yield edit.sentence(numbers)


def _relies(document: Content, reference: Rows, edit: Edit) -> bool:
    months = {date.fromisoformat(document["month"])}
    months |= {
        date.fromisoformat(line["restates_month"]) for line in document["lines"] if line["restates_month"]
    }
    if edit.table.is_dated and not any(edit.touches(month) for month in months):
        return False
    row, lines = edit.before, document["lines"]
    cards = {line["rate_card"] for line in lines} | {
        terms["rate_card"]
        for terms in reference["vendor_terms"]
        if any(_holds(terms, month, month_after(month)) for month in months)
    }
    customers = {document["billed_customer_id"], *(line["customer_id"] for line in lines)}
    skus = {line["sku"] for line in lines}
    contracts = {
        contract["contract_id"] for contract in reference["contract"] if contract["customer_id"] in customers
    }
    match edit.table.name:
        case "rate_card":
            return bool(row["rate_card"] in cards)
        case "rate":
            own = {"", document["billed_customer_id"]}
            return bool(row["rate_card"] in cards and row["sku"] in skus and row["customer_id"] in own)
        case "tax_rate":
            return bool(row["tax_code"] in {tax["tax_code"] for tax in document["taxes"]})
        case "fx_rate":
            used = {card["currency"] for card in reference["rate_card"] if card["rate_card"] in cards}
            return bool({row["from_currency"], row["to_currency"]} <= {document["currency"], *used})
        case "discount":
            return bool(row["customer_id"] == document["billed_customer_id"])
        case _:
            return bool(row["contract_id"] in contracts)


def _holds(row: Row, first: date, after: date) -> bool:
    return bool(row["valid_from"] < after and (row["valid_to"] is None or row["valid_to"] > first))


def _key(table: Table, row: Row) -> tuple[Any, ...]:
    return tuple(row[name] for name in (*table.key, *(("valid_from",) if table.is_dated else ())))


def _differences(table: Table, before: Row, now: Row) -> tuple[str, ...]:
    return tuple(
        column.name for column in table.columns if plain(before[column.name]) != plain(now[column.name])
    )


def _most_alike(table: Table, row: Row, new: list[Row]) -> Row | None:
    """The new row that differs from a lost one in a single column: there its key itself was edited."""
    return next((other for other in new if len(_differences(table, row, other)) == 1), None)
