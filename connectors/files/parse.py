"""A file's bytes to rows: as a whole, or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal, localcontext
from functools import lru_cache

import pyarrow as pa

from connectors.files import cells, fields
from connectors.files.cells import Mistake
from connectors.files.invoice import invoice_lines
from connectors.files.mapping import BYTES
from connectors.files.row import Cell, Row
from connectors.files.sheet import Record, Sheet, open_sheet
from connectors.stream import Exchange, Field, Page, rows_schema

DIGITS = 100  # of intermediate results: more than a cell may have, so that nothing is rounded


def parse_usage(exchange: Exchange) -> Page:
    """The readings of a file.

    Raises:
        ContractBroken: the file has mistakes; a line for each of the first ones.
    """
    return _page(exchange, "usage")


def parse_invoices(exchange: Exchange) -> Page:
    """The invoice lines of a file.

    Raises:
        ContractBroken: see `parse_usage`.
    """
    return _page(exchange, "invoice")


def _page(exchange: Exchange, kind: str) -> Page:
    return Page(_batch(kind, exchange.body, tuple(sorted(exchange.context.items()))))


@lru_cache(maxsize=2)  # a month's file is read for each of its days
def _batch(kind: str, body: bytes, context: tuple[tuple[str, str], ...]) -> pa.RecordBatch:
    records, columns = _READERS[kind]
    with localcontext(prec=DIGITS):
        found = records(*open_sheet(body, dict(context)))
    return pa.RecordBatch.from_pylist(found, schema=rows_schema(columns))


def _usage(sheet: Sheet, rows: list[Row]) -> list[Record]:
    mapping = sheet.mapping
    records: list[Record] = []
    seen: dict[tuple[str, ...], int] = {}
    for row in rows:
        _check_period(sheet, row)
        account = sheet.told(row, "account_id", cells.text, needed=True)
        product = sheet.told(row, "product", cells.text, needed=True)
        resource = sheet.told(row, "resource_id", cells.text) or account
        if account and product:
            before = seen.setdefault((account, resource, product), row.number)
            if before != row.number:
                sheet.mistakes.append(
                    f"row {row.number} tells of account {account}, product {product} as row {before} does: "
                    "add the rows up, or map a column to resource_id that tells them apart"
                )
        whose = {
            "for_vendor": mapping.vendor,
            "for_connection": mapping.connection,
            "stands_in_for": mapping.stands_in_for or None,
            "account_id": account,
            "resource_id": resource,
            "resource_name": sheet.told(row, "resource_name", cells.text),
            "product": product,
            "is_trial": sheet.told(row, "is_trial", cells.yes_or_no),
            "file_row": row.number,
            "extra": sheet.unmapped(row),
        }
        records += [{**whose, **reading} for reading in _readings(sheet, row)]
    if not records and not sheet.mistakes:
        sheet.mistakes.append("no row has a reading: that is unknown, not zero")
    sheet.refuse_if_mistaken()
    return records


def _readings(sheet: Sheet, row: Row) -> Iterator[Record]:
    for code, meter in sheet.mapping.meters.items():
        factor = BYTES[meter.unit] if code.endswith("_bytes") else 1

        def quantity(cell: Cell) -> Decimal | None:
            told = cells.number(cell, sheet.mapping)
            if told is None:
                return None
            if told < 0:
                raise Mistake(f"is {told:f}, less than nothing")
            if told % 1 and factor == 1 and not meter.fractions:  # noqa: B023  # called at once
                raise Mistake(
                    f"is {told:f}, not a whole number: if its sign is between thousands, say so in [csv] "
                    f"thousands; if it is a fraction, write fractions = true under meters.{code}"  # noqa: B023
                )
            return cells.fits(told * factor, 28, 9)  # noqa: B023

        column = meter.column
        told = sheet.value(row, column, sheet.cell(row, column), quantity, needed=not meter.may_be_empty)
        if told is not None:
            unit = "bytes" if code.endswith("_bytes") else meter.unit
            yield {"meter": code, "quantity": told, "unit": unit}


def _check_period(sheet: Sheet, row: Row) -> None:
    if "period" not in sheet.mapping.columns:
        return
    wanted = sheet.context["period"]

    def period(cell: Cell) -> date | None:
        told = cells.day(cell, sheet.mapping.table.date_format)
        if told and not told.isoformat().startswith(wanted):
            raise Mistake(f"is {told:%Y-%m-%d}, and the file is imported for {wanted}: give another --date")
        return told

    sheet.told(row, "period", period, needed=True)


_READERS: dict[str, tuple[Callable[[Sheet, list[Row]], list[Record]], tuple[Field, ...]]] = {
    "usage": (_usage, fields.USAGE),
    "invoice": (invoice_lines, fields.INVOICES),
}
