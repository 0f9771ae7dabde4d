"""CSV, XLSX and Parquet bytes as one kind of table: a header, and rows of cells."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import chain
from typing import TYPE_CHECKING

from connectors.errors import ContractBroken
from connectors.files.mapping import Csv, Layout
from connectors.files.parquet import parquet_rows
from connectors.files.row import Cell, Row, Unreadable, binary

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.cell.read_only import ReadOnlyCell

    Cells = tuple[ReadOnlyCell, ...]

XLSX = b"PK\x03\x04"
PARQUET = b"PAR1"
OLD_EXCEL = b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True)
class Table:
    """The rows under a header, and those before it; empty ones are left out."""

    header: tuple[str, ...]
    rows: tuple[Row, ...]
    before: tuple[Row, ...]


def read_table(content: bytes, layout: Layout, how: Csv) -> Table:
    """The table in a file.

    Raises:
        ContractBroken: it is no such file, or has no table.
    """
    if content.startswith(OLD_EXCEL):
        raise ContractBroken("is an old Excel file (.xls), or has a password: save it as XLSX without one")
    header: tuple[str, ...] = ()
    before: list[Row] = []
    found: list[Row] = []
    for row in _rows(content, layout, how):
        if not any(cell is not None for cell in row.cells):
            continue
        if row.number < layout.header_row:
            before.append(row)
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
    return Table(header, tuple(found), tuple(before))


def _rows(content: bytes, layout: Layout, how: Csv) -> Iterator[Row]:
    if content.startswith(XLSX):
        return _xlsx(content, layout.sheet)
    return parquet_rows(content) if content.startswith(PARQUET) else _csv(content, how, layout.header_row)


def _csv(content: bytes, how: Csv, header_row: int) -> Iterator[Row]:
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
            width = width or (len(cells) if row.number >= header_row else 0)
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
    from openpyxl.formula.tokenizer import TokenizerError  # noqa: PLC0415
    from openpyxl.formula.translate import TranslatorError  # noqa: PLC0415
    from openpyxl.utils.exceptions import InvalidFileException  # noqa: PLC0415

    try:
        # Of a formula one reading has the stored result, the other that it is one.
        results = list(_sheet(load_workbook(io.BytesIO(content), read_only=True, data_only=True), sheet))
        sources: Iterable[Cells] = results
        if any(map(_has_no_value, chain.from_iterable(results))):
            sources = _sheet(load_workbook(io.BytesIO(content), read_only=True), sheet)
        for number, cells in enumerate(zip(results, sources, strict=True), start=1):
            yield Row(number, tuple(_cell(*pair) for pair in zip(*cells, strict=True)))
    except (TokenizerError, TranslatorError) as error:
        raise ContractBroken(f"has a formula that cannot be read: {error}; export it as CSV") from None
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


def _sheet(workbook: Workbook, sheet: str) -> Iterator[Cells]:
    """The rows of the sheet that is meant."""
    names = [page.title for page in workbook.worksheets if page.sheet_state == "visible"]
    if sheet not in names and (sheet or len(names) != 1):
        wanted = f"has no visible sheet {sheet!r}" if sheet else "has several sheets"
        raise ContractBroken(f"{wanted}; name one in [table] sheet: {', '.join(names)}")
    page = workbook[sheet or names[0]]
    page.reset_dimensions()  # what the file says of its size is not always so
    yield from page.iter_rows()


def _has_no_value(cell: ReadOnlyCell) -> bool:
    """Whether it is empty, or a formula without a stored result; a stored text may be empty (kind `str`)."""
    return cell.value is None and cell.data_type != "str"


def _cell(result: ReadOnlyCell, source: ReadOnlyCell) -> Cell:
    if source.data_type == "f" and _has_no_value(result):
        return Unreadable("is a formula without a stored result: open and save the file, or export it as CSV")
    value = result.value
    if result.data_type == "e":
        return Unreadable(f"is the error {value}: correct the formula, or write the value")
    match value:
        case None | bool():
            return value
        case str():
            return value.strip() or None
        case int() | float():
            return binary(value)
        case datetime():
            return value.date() if value.time() == time() else Unreadable("is a time of day, not a date")
        case date():
            return value
        case _:
            return Unreadable(f"is {type(value).__name__}, neither text nor number nor date")


def names(cells: Iterable[str]) -> str:
    """Column names for a sentence."""
    return ", ".join(cell for cell in cells if cell)
