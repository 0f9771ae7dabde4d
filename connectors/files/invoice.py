"""The lines of a vendor's invoice: what it charges, for whom, for what and for which days."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

from connectors.files import cells
from connectors.files.cells import Mistake
from connectors.files.row import Cell, Row
from connectors.files.sheet import Record, Sheet

KINDS = {
    "usage": "invoice_line",
    "purchase": "invoice_line",
    "adjustment": "adjustment",
    "credit": "credit",
    "tax": "tax",
}
"""What a line is by its category; without one it charges something. FOCUS, ChargeCategory."""


def invoice_lines(sheet: Sheet, rows: list[Row]) -> list[Record]:
    """The lines of an invoice, charges above zero whatever their sign in the file.

    Raises:
        ContractBroken: the file has mistakes; a line for each of the first ones.
    """
    records: list[Record] = []
    seen: dict[str, int] = {}
    for row in rows:
        number = sheet.told(row, "invoice_number", cells.text, needed=True)
        transaction = sheet.told(row, "transaction_id", cells.text) or f"{number}/{row.number}"
        if (before := seen.setdefault(transaction, row.number)) != row.number:
            sheet.mistakes.append(f"row {row.number} has the transaction_id {transaction} of row {before}")
        start, end = _period(sheet, row)
        product = sheet.told(row, "product", cells.text)
        sku, _, dimension = sheet.mapping.skus.get(product or "", "").partition("/")
        unit = sheet.told(row, "unit", cells.text)
        records.append(
            {
                "for_vendor": sheet.mapping.vendor,
                "for_connection": sheet.mapping.connection,
                "transaction_id": transaction,
                "invoice_number": number,
                "occurred_on": sheet.told(row, "occurred_on", _day(sheet), needed=True),
                "kind": sheet.told(row, "category", _kind) or "invoice_line",
                "account_id": sheet.told(row, "account_id", cells.text),
                "order_id": sheet.told(row, "order_id", cells.text),
                "product": product,
                "sku": sku or None,
                "dimension": dimension if sku else None,
                "description": sheet.told(row, "description", cells.text),
                "service_start": start,
                "service_end": end,
                "quantity": sheet.told(row, "quantity", _number(sheet)),
                "unit": sheet.mapping.units.get(unit or "", unit),
                "unit_price": sheet.told(row, "unit_price", _number(sheet, digits=18)),
                "currency": sheet.told(row, "currency", cells.currency, needed=True),
                "amount": sheet.told(row, "amount", _amount(sheet), needed=True),
                "tax_amount": sheet.told(row, "tax_amount", _amount(sheet)),
                "file_row": row.number,
                "extra": sheet.unmapped(row),
            }
        )
    _refuse_another_month(sheet, records)
    sheet.refuse_if_mistaken()
    return records


def _period(sheet: Sheet, row: Row) -> tuple[date, date]:
    """The days that a line charges, half-open; those of the month of the import where it names none."""
    month = sheet.told(row, "service_month", _day(sheet), needed="service_month" in sheet.mapping.columns)
    if "service_start" not in {*sheet.mapping.columns, *sheet.mapping.constants}:
        first = (month or date.fromisoformat(sheet.context["period"])).replace(day=1)
        return first, (first + timedelta(days=31)).replace(day=1)
    start = sheet.told(row, "service_start", _day(sheet), needed=True)

    def day_after(cell: Cell) -> date | None:
        if sheet.mapping.invoice.service_end == "day after":
            told = cells.day_after(cell, sheet.mapping.table.date_format)
        else:
            told = cells.day(cell, sheet.mapping.table.date_format)
            told = told and told + timedelta(days=1)
        if told and start and told <= start:
            raise Mistake(
                f"is {cell}, and the period begins on {start}: [invoice] service_end says how it ends"
            )
        return told

    return start, sheet.told(row, "service_end", day_after, needed=True)


def _refuse_another_month(sheet: Sheet, records: list[Record]) -> None:
    """An invoice that is imported for a month charges something of it."""
    month = date.fromisoformat(sheet.context["period"]).replace(day=1)
    after = (month + timedelta(days=31)).replace(day=1)
    if sheet.mistakes or any(r["service_start"] < after and r["service_end"] > month for r in records):
        return
    found = min(r["service_start"] for r in records)
    sheet.mistakes.append(
        f"no row is for {month:%Y-%m}, the first is for {found:%Y-%m}: "
        "give a --date of the month that it charges"
    )


def _kind(cell: Cell) -> str | None:
    told = cells.text(cell)
    if told and told.lower() not in KINDS:
        raise Mistake(f"is {told!r}, none of {', '.join(KINDS)}")
    return KINDS[told.lower()] if told else None


def _day(sheet: Sheet) -> Callable[[Cell], date | None]:
    return lambda cell: cells.day(cell, sheet.mapping.table.date_format)


def _number(sheet: Sheet, digits: int = 28) -> Callable[[Cell], Decimal | None]:
    def read(cell: Cell) -> Decimal | None:
        told = cells.number(cell, sheet.mapping)
        return None if told is None else cells.fits(told, digits, 9)

    return read


def _amount(sheet: Sheet) -> Callable[[Cell], Decimal | None]:
    sign = -1 if sheet.mapping.invoice.charges == "negative" else 1

    def read(cell: Cell) -> Decimal | None:
        told = cells.number(cell, sheet.mapping)
        return None if told is None else cells.fits(sign * told, 28, 9)

    return read
