"""One file being read: its table under its mapping, the proof that it is whole, and its mistakes."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from connectors.errors import ContractBroken
from connectors.files import cells
from connectors.files.cells import Mistake
from connectors.files.mapping import Mapping
from connectors.files.row import Cell, Row
from connectors.files.table import Table, names, read_table

TOLD = 10  # mistakes of one file that are told; the rest are counted

Context = dict[str, str]
Record = dict[str, Any]


@dataclass
class Sheet:
    """One file being read: what it was imported as, its table, and the mistakes found so far."""

    context: Context
    mapping: Mapping
    table: Table
    mistakes: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The file's."""
        return self.context["file"]

    def cell(self, row: Row, column: str) -> Cell:
        """The cell under a header."""
        return row.cells[self.table.header.index(column)]

    def told(self, row: Row, ours: str, read: Callable[[Cell], Any], *, needed: bool = False) -> Any:
        """The value of one of our columns, from its column of the file or its constant."""
        column = self.mapping.columns.get(ours)
        source: Cell = self.cell(row, column) if column else self.mapping.constants.get(ours)
        return self.value(row, column or ours, source, read, needed=needed)

    def value(self, row: Row, column: str, source: Cell, read: Callable[[Cell], Any], *, needed: bool) -> Any:
        """What `read` makes of a cell; None and one more mistake where it is none."""
        try:
            value = read(source)
            if value is None and needed:
                raise Mistake("is empty; write the value, 0 where it is none, or leave the row out")  # noqa: TRY301
        except Mistake as mistake:
            self.mistakes.append(f"row {row.number}, column {column}: {mistake}")
            return None
        return value

    def refuse_if_mistaken(self) -> None:
        """Take nothing of a file that has mistakes.

        Raises:
            ContractBroken: with a line for each of the first ones.
        """
        if self.mistakes:
            more = len(self.mistakes) - TOLD
            told = self.mistakes[:TOLD] + ([f"and {more} more mistakes"] if more > 0 else [])
            raise ContractBroken("\n".join(f"{self.name}: {mistake}" for mistake in told))

    def unmapped(self, row: Row) -> str | None:
        """The cells that the mapping does not name, as JSON."""
        meters = (meter.column for meter in self.mapping.meters.values())
        used = {*self.mapping.columns.values(), *meters}
        others = {
            header: str(cell)
            for header, cell in zip(self.table.header, row.cells, strict=True)
            if header and header not in used and cell is not None
        }
        return json.dumps(others, ensure_ascii=False) if others else None


def open_sheet(body: bytes, context: Context) -> tuple[Sheet, list[Row]]:
    """The file and its rows, proven to be whole."""
    mapping = Mapping.model_validate_json(context["mapping"])
    try:
        table = read_table(body, mapping.table, mapping.csv)
    except ContractBroken as problem:
        raise ContractBroken(f"{context['file']} {problem}") from None
    sheet = Sheet(context, mapping, table)
    wanted = [*mapping.columns.values(), *(meter.column for meter in mapping.meters.values())]
    for column in dict.fromkeys([*wanted, *filter(None, [mapping.control.sum_of])]):
        if table.header.count(column) != 1:
            many = "are several columns" if column in table.header else "is no column"
            sheet.mistakes.append(f"there {many} {column!r}; the columns are {names(table.header)}")
    sheet.refuse_if_mistaken()
    rows, total = _body(sheet)
    if not rows:
        raise ContractBroken(f"{sheet.name} has no rows under its header: that is unknown, not zero")
    _prove(sheet, rows, total)
    return sheet, rows


def _body(sheet: Sheet) -> tuple[list[Row], Row | None]:
    """The rows that count, and the file's own total line."""
    label = sheet.mapping.table.total_label.strip().casefold()
    rows = list(sheet.table.rows)
    if not label:
        return rows, None
    for place, row in enumerate(rows):
        first = next(cell for cell in row.cells if cell is not None)
        if isinstance(first, str) and first.casefold() == label:
            if rows[place + 1 :]:
                raise ContractBroken(
                    f"{sheet.name}: row {rows[place + 1].number} is below the total line, row {row.number}"
                )
            return rows[:place], row
    raise ContractBroken(
        f"{sheet.name} has no total line, beginning with {sheet.mapping.table.total_label!r}: was it cut off?"
    )


def _prove(sheet: Sheet, rows: list[Row], total: Row | None) -> None:
    """The rows are as many, and add up to, what the file or the person says."""
    context, column = sheet.context, sheet.mapping.control.sum_of
    if "rows" in context and len(rows) != int(context["rows"]):
        raise ContractBroken(f"{sheet.name} has {len(rows)} rows, and {context['rows']} are expected")
    if sheet.mapping.table.count_label and len(rows) != (stated := _stated_count(sheet)):
        raise ContractBroken(
            f"{sheet.name} has {len(rows)} rows, {stated} are stated above its header: was it cut off?"
        )
    claims = {"expected": Decimal(context["sum"])} if "sum" in context else {}

    def number(cell: Cell) -> Decimal | None:
        return cells.number(cell, sheet.mapping)

    if total and column:
        stated = sheet.value(total, column, sheet.cell(total, column), number, needed=True)
        claims["stated by its total line"] = stated
    if not claims:
        return
    added = [sheet.value(row, column, sheet.cell(row, column), number, needed=False) for row in rows]
    sheet.refuse_if_mistaken()
    found = sum((value for value in added if value is not None), Decimal(0))
    for who, claim in claims.items():
        if found != claim:
            raise ContractBroken(f"{sheet.name}: column {column} adds up to {found:f}, {claim:f} is {who}")


def _stated_count(sheet: Sheet) -> Decimal:
    """How many rows the file says it has: the cell beside the label, above the header."""
    label = sheet.mapping.table.count_label.strip().casefold()
    for row in sheet.table.before:
        told = [cell for cell in row.cells if cell is not None]
        if len(told) > 1 and isinstance(told[0], str) and told[0].strip(": ").casefold() == label:
            stated = sheet.value(
                row, "count_label", told[1], lambda cell: cells.number(cell, sheet.mapping), needed=True
            )
            sheet.refuse_if_mistaken()
            return Decimal(stated)
    raise ContractBroken(
        f"{sheet.name} does not state its number of rows above its header, beside "
        f"{sheet.mapping.table.count_label!r}: was it cut off?"
    )
