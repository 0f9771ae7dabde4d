"""The user's tables, read and checked as a whole: everything is right, or nothing is used."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from warehouse.reference import cells, database, directory
from warehouse.reference.rows import Mistake, ReferenceMistakes, Row, Rows, Sheet
from warehouse.reference.rules import mistakes_between
from warehouse.reference.schema import TABLES, Column
from warehouse.reference.source import Database, Source

__all__ = ["load_reference", "read_tables", "rows_of"]


def load_reference(source: Source) -> Rows:
    """The rows of every table, each cell in its type: str, int, date or Decimal.

    A table that is not there has no rows.

    Parameters:
        source: directory of CSV files, or database.

    Raises:
        FileNotFoundError: there is no such directory.
        ReferenceMistakes: with every mistake of every table.
    """
    rows, mistakes, broken = read_tables(source)
    mistakes += mistakes_between(rows, broken)
    if mistakes:
        raise ReferenceMistakes(sorted(mistakes, key=lambda m: (m.file, m.line, m.column)))
    return rows


def read_tables(source: Source) -> tuple[Rows, list[Mistake], set[str]]:
    """The rows that can be read, what is wrong with the others, and which tables those are in."""
    mistakes: list[Mistake] = []
    rows: Rows = {table.name: [] for table in TABLES}
    broken = set()
    for sheet in _sheets(source, mistakes):
        found: list[Mistake] = []
        rows[sheet.table.name] = list(rows_of(sheet, found))
        if found:
            broken.add(sheet.table.name)
            mistakes += found
    return rows, mistakes, broken


def _sheets(source: Source, mistakes: list[Mistake]) -> Iterator[Sheet]:
    if isinstance(source, Database):
        return database.sheets(source)
    return directory.sheets(source, mistakes)


def rows_of(sheet: Sheet, mistakes: list[Mistake]) -> Iterator[Row]:
    """The rows of one table that can be read; what is wrong with the others is added to `mistakes`."""
    try:
        lines = iter(sheet.lines)
        line, header = next(lines, (1, ()))
        if wrong := _wrong_header(sheet, line, header):
            mistakes.append(wrong)
            return
        reader = _Reader(sheet, header)
        for line, texts in lines:
            if any(texts):  # not a blank line, as spreadsheets leave behind
                row = reader.row(line, texts)
                if isinstance(row, Mistake):
                    mistakes.append(row)
                else:
                    yield row
    except ReferenceMistakes as unreadable:
        mistakes += unreadable.mistakes


def _wrong_header(sheet: Sheet, line: int, header: Sequence[str]) -> Mistake | None:
    needed = [column.name for column in sheet.table.columns if column.required]
    known = [column.name for column in sheet.table.columns]
    faults = {
        "lacks": [name for name in needed if name not in header],
        "has the unknown": [name for name in header if name not in known],
        "repeats": sorted({name for name in header if list(header).count(name) > 1}),
    }
    if not any(faults.values()):
        return None
    what = "; ".join(f"{words} {', '.join(names)}" for words, names in faults.items() if names)
    return sheet.mistake(line, "", f"the header {what}", f"Make it: {','.join(known)}")


class _Reader:
    """Reads the lines of one sheet. A text that was read before in its column is not read again."""

    def __init__(self, sheet: Sheet, header: Sequence[str]) -> None:
        columns = {column.name: column for column in sheet.table.columns}
        self._sheet = sheet
        self._columns: list[tuple[Column, dict[str, Any]]] = [(columns[name], {}) for name in header]
        self._defaults = {name: cells.default(column) for name, column in columns.items()}
        self._left_out = columns.keys() - set(header)
        self._empties: dict[frozenset[str], frozenset[str]] = {}

    def row(self, line: int, texts: Sequence[str]) -> Row | Mistake:
        """The line in its types, or the first thing that is wrong with it."""
        if len(texts) != len(self._columns):
            what = f"has {len(texts)} cells where the header has {len(self._columns)}"
            return self._sheet.mistake(line, "", what, "Quote a cell that holds a comma")
        values, empty = self._defaults.copy(), set(self._left_out)
        for (column, known), cell in zip(self._columns, texts, strict=True):
            text = cell.strip()
            if not text:
                if column.required:
                    remedy = f"Fill in {cells.words(column.type)}"
                    return self._sheet.mistake(line, column.name, "is empty", remedy)
                empty.add(column.name)
                continue
            if text not in known:
                try:
                    known[text] = cells.value(column.type, text)
                except ValueError:
                    what = f"{text!r} is not {cells.words(column.type)}"
                    return self._sheet.mistake(line, column.name, what, cells.remedy(column))
            values[column.name] = known[text]
        key = frozenset(empty)
        return Row(line, values, self._empties.setdefault(key, key), self._sheet)
