"""The user's CSV files, read and checked as a whole: everything is right, or nothing is used."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from iso4217 import Currency

from warehouse.reference import schema
from warehouse.reference.rows import Mistake, ReferenceMistakes, Row, Rows
from warehouse.reference.rules import mistakes_between
from warehouse.reference.schema import TABLES, Column, Table, Type

__all__ = ["CURRENCIES", "ReferenceMistakes", "load_reference"]

CURRENCIES = {currency.code: currency.exponent for currency in Currency if currency.exponent is not None}


def load_reference(directory: Path) -> Rows:
    """The rows of every table, each cell in its type: str, int, date or Decimal.

    A file that is not there is a table without rows.

    Raises:
        FileNotFoundError: there is no such directory.
        ReferenceMistakes: with every mistake of every file.
    """
    if not directory.is_dir():
        raise FileNotFoundError(
            f"there is no reference directory at {directory}: create it, "
            "or name the right one; its files are described in warehouse/reference/README.md"
        )
    mistakes = list(_strangers(directory))
    rows: Rows = {table.name: [] for table in TABLES}
    for table in TABLES:
        path = directory / f"{table.name}.csv"
        if path.exists():
            rows[table.name] = _read_file(path, table, mistakes)
    mistakes += mistakes_between(rows, broken={mistake.file for mistake in mistakes})
    if mistakes:
        raise ReferenceMistakes(sorted(mistakes, key=lambda m: (m.file, m.line, m.column)))
    return rows


def _strangers(directory: Path) -> Iterator[Mistake]:
    known = {f"{table.name}.csv" for table in TABLES}
    for path in sorted(directory.glob("*.csv")):
        if path.name not in known:
            yield Mistake(
                path.name,
                0,
                "",
                "is not a reference table",
                f"Rename it to one of {', '.join(sorted(known))}",
            )


def _read_file(path: Path, table: Table, mistakes: list[Mistake]) -> list[Row]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = csv.reader(file, strict=True)
            header = next(lines, [])
            wanted = [column.name for column in table.columns]
            if sorted(header) != sorted(wanted):
                mistakes.append(_wrong_header(path.name, header, wanted))
                return []
            columns = {column.name: column for column in table.columns}
            order = [columns[name] for name in header]
            return [
                row
                for cells in lines
                if (row := _read_row(path.name, lines.line_num, cells, order, mistakes))
            ]
    except UnicodeDecodeError:
        mistakes.append(Mistake(path.name, 0, "", "is not UTF-8 text", "Save it as CSV UTF-8"))
    except csv.Error as error:
        mistakes.append(Mistake(path.name, lines.line_num, "", f"is not CSV: {error}", "Check its quotes"))
    return []


def _wrong_header(file: str, header: list[str], wanted: list[str]) -> Mistake:
    missing = [name for name in wanted if name not in header]
    unknown = [name for name in header if name not in wanted]
    what = "; ".join(
        f"{words} {', '.join(names)}"
        for words, names in (("lacks", missing), ("has the unknown", unknown))
        if names
    )
    return Mistake(file, 1, "", f"the header {what or 'repeats a column'}", f"Make it: {','.join(wanted)}")


def _read_row(
    file: str, line: int, cells: list[str], columns: list[Column], mistakes: list[Mistake]
) -> Row | None:
    if not any(cells):
        return None  # a blank line, as spreadsheets leave behind
    if len(cells) != len(columns):
        what = f"has {len(cells)} cells where the header has {len(columns)}"
        mistakes.append(Mistake(file, line, "", what, "Quote a cell that holds a comma"))
        return None
    values: dict[str, Any] = {}
    for column, cell in zip(columns, cells, strict=True):
        text = cell.strip()
        if not text and column.required:
            mistakes.append(Mistake(file, line, column.name, "is empty", f"Fill in {_article(column.type)}"))
            return None
        try:
            values[column.name] = _value(column.type, text) if text else None
        except ValueError:
            what = f"{text!r} is not {_article(column.type)}"
            mistakes.append(Mistake(file, line, column.name, what, f"{column.meaning.rstrip('.')}"))
            return None
    return Row(line, values)


def _article(kind: Type) -> str:
    if kind.words.startswith(("one of", "text", "letters")):
        return kind.words
    return f"{'an' if kind.words.startswith('I') else 'a'} {kind.words}"


def _value(kind: Type, text: str) -> Any:
    """The cell in its type.

    Raises:
        ValueError: it is not of the type.
    """
    if not re.fullmatch(kind.pattern, text):
        raise ValueError(text)
    if kind is schema.DATE:
        return date.fromisoformat(text)
    if kind is schema.DIVISOR:
        return int(text)
    if kind.sql.startswith("DECIMAL"):
        return Decimal(text)
    if kind is schema.CURRENCY and text not in CURRENCIES:
        raise ValueError(text)
    if kind is schema.ZONE:
        _zone(text)
    return text


def _zone(text: str) -> None:
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, OSError):  # OSError: the name of a folder of zones
        raise ValueError(text) from None
