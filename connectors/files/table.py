"""CSV and XLSX bytes as one kind of table: a header, and rows of cells that are what the file says."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal

from connectors.errors import ContractBroken
from connectors.files.mapping import Csv, Layout

XLSX = b"PK\x03\x04"
OLD_EXCEL = b"\xd0\xcf\x11\xe0"
DIGITS = 15  # that a spreadsheet keeps of a number


@dataclass(frozen=True)
class Unreadable:
    """A cell without a value that counts; why, and how to mend it."""

    reason: str


Cell = str | Decimal | date | bool | Unreadable | None
"""What a cell holds; None where it is empty. A CSV file has only texts."""


@dataclass(frozen=True)
class Row:
    """One row, by the number that a person sees beside it."""

    number: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Table:
    """The rows under a header; empty ones are left out."""

    header: tuple[str, ...]
    rows: tuple[Row, ...]


def read_table(content: bytes, layout: Layout, how: Csv) -> Table:
    """The table in a file.

    Raises:
        ContractBroken: it is no such file, or has no table.
    """
    if content.startswith(OLD_EXCEL):
        raise ContractBroken("is an old Excel file (.xls), or has a password: save it as XLSX without one")
    rows = _xlsx(content, layout.sheet) if content.startswith(XLSX) else _csv(content, how)
    header: tuple[str, ...] = ()
    found: list[Row] = []
    for row in rows:
        if row.number < layout.header_row or not any(cell is not None for cell in row.cells):
            continue
        if not header:
            header = tuple("" if cell is None else str(cell).strip() for cell in row.cells)
            continue
        if any(cell is not None for cell in row.cells[len(header) :]):
            raise ContractBroken(
                f"row {row.number} has more cells than the header: is there a delimiter inside a text "
                "without quotes?"
            )
        found.append(Row(row.number, (*row.cells, *[None] * len(header))[: len(header)]))
    if not header:
        raise ContractBroken(f"has nothing from row {layout.header_row} on, where the header should be")
    return Table(header, tuple(found))


def _csv(content: bytes, how: Csv) -> Iterator[Row]:
    encoding = "utf-8-sig" if how.encoding.lower().replace("-", "") == "utf8" else how.encoding
    try:
        text = content.decode(encoding)
    except (UnicodeDecodeError, LookupError) as error:
        raise ContractBroken(
            f"cannot be read as {how.encoding}: {error}; name its encoding in [csv]"
        ) from None
    if "\0" in text:
        raise ContractBroken("holds a NUL character, as no table does; export it again")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=how.delimiter, strict=True)
    width = 0
    try:
        for cells in reader:
            row = Row(reader.line_num, tuple(cell.strip() or None for cell in cells))
            width = width or len(cells)
            if cells and len(cells) < width and any(row.cells):
                yield Row(row.number, (*row.cells, *[Unreadable(_SHORT)] * (width - len(cells))))
            else:
                yield row
    except csv.Error as error:
        raise ContractBroken(f"row {reader.line_num} is not CSV: {error}") from None


_SHORT = "is not there: the row has fewer cells than the first one; was the file cut off?"


def _xlsx(content: bytes, sheet: str) -> Iterator[Row]:
    # It takes a fifth of a second to import, and pulls do not need it.
    from openpyxl import load_workbook  # noqa: PLC0415
    from openpyxl.utils.exceptions import InvalidFileException  # noqa: PLC0415

    try:
        workbook = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        names = [page.title for page in workbook.worksheets if page.sheet_state == "visible"]
        if sheet not in names and (sheet or len(names) != 1):
            wanted = f"has no visible sheet {sheet!r}" if sheet else "has several sheets"
            raise ContractBroken(f"{wanted}; name one in [table] sheet: {', '.join(names)}")
        page = workbook[sheet or names[0]]
        page.reset_dimensions()  # what the file says of its size is not always so
        for number, cells in enumerate(page.iter_rows(), start=1):
            yield Row(number, tuple(_cell(cell.value, cell.data_type) for cell in cells))
    except (
        zipfile.BadZipFile,
        InvalidFileException,
        KeyError,
        ValueError,
        TypeError,
        OSError,
        SyntaxError,  # of its XML
    ) as error:
        raise ContractBroken(f"is not an XLSX workbook: {error}") from None


def _cell(value: object, kind: str) -> Cell:
    if kind == "e":
        return Unreadable(f"is the error {value}: correct the formula, or write the value")
    match value:
        case None | bool():
            return value
        case str():
            return value.strip() or None
        case int() | float():
            return _number(value)
        case datetime():
            return value.date() if value.time() == time() else Unreadable("is a time of day, not a date")
        case date():
            return value
        case _:
            return Unreadable(f"is {type(value).__name__}, neither text nor number nor date")


def _number(value: float) -> Decimal | Unreadable:
    """The number a spreadsheet means: the shortest decimal that its binary fraction stands for."""
    try:
        number = Decimal(repr(value))
    except ArithmeticError:
        return Unreadable("is no number")
    if not number.is_finite():
        return Unreadable("is no number")
    if len(number.normalize().as_tuple().digits) > DIGITS:
        return Unreadable(
            f"is kept by the sheet as {value!r}, more than the {DIGITS} digits it is good for: round it in "
            "the sheet, or export it as CSV"
        )
    return number


def names(cells: Iterable[str]) -> str:
    """Column names for a sentence."""
    return ", ".join(cell for cell in cells if cell)
