"""The invoices of the vendors of the world as files: CSV, FOCUS and XLSX, each as another vendor might."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from connectors.files.mapping import READY
from connectors.sandbox.invoices.lines import VENDORS, vendor_invoice
from connectors.sandbox.plants.plant import InvoiceLine
from connectors.sandbox.portfolio import DISTRIBUTOR
from connectors.sandbox.world import World

VAT = Decimal("0.21")
"""What Redstor's Dutch office adds to its invoice."""

FOCUS = (
    *("BilledCost", "BillingAccountId", "BillingAccountName", "BillingCurrency", "BillingPeriodEnd"),
    *("BillingPeriodStart", "ChargeCategory", "ChargeClass", "ChargeDescription", "ChargePeriodEnd"),
    *("ChargePeriodStart", "ContractedCost", "ContractedUnitPrice", "EffectiveCost", "InvoiceId"),
    *("InvoiceIssuerName", "ListCost", "PricingQuantity", "PricingUnit", "ProviderName", "PublisherName"),
    *("ServiceCategory", "ServiceName", "SkuId", "SubAccountId"),
)

Lines = Sequence[InvoiceLine]


@dataclass(frozen=True)
class WrittenInvoice:
    """An invoice as a vendor sends it.

    Attributes:
        file: the attachment.
        mapping: the ready mapping that fits it.
        total: what the letter with it says that it adds up to.
    """

    file: Path
    mapping: Path
    total: Decimal


def write_invoices(
    world: World, month: date, directory: Path, since: date | None = None
) -> list[WrittenInvoice]:
    """Write the invoice of every vendor that sends one, for a month.

    Parameters:
        month: its first day.
        directory: made when it is not there; the files are named by vendor and month.
        since: see `vendor_invoice`.
    """
    directory.mkdir(parents=True, exist_ok=True)
    written = []
    for vendor in VENDORS:
        lines = vendor_invoice(world, vendor, month, since)
        kind, mapping, write = _LAYOUTS[vendor]
        file = directory / f"{vendor}-{month:%Y-%m}.{kind}"
        total = write(lines, file)
        written.append(WrittenInvoice(file, READY / f"{mapping}.toml", total))
    return written


def _infrascale(lines: Lines, file: Path) -> Decimal:
    """American dates, the last day of the period, and a total line."""
    total = _sum(lines)
    header = [
        *("Invoice", "Invoice Date", "Entity ID", "Item", "From", "To"),
        *("Quantity", "UoM", "Rate", "Amount"),
    ]
    rows = [
        [
            *(line.number, f"{line.issued_on:%m/%d/%Y}", line.account_id, line.product),
            *(f"{line.service_start:%m/%d/%Y}", f"{line.service_end - timedelta(days=1):%m/%d/%Y}"),
            *(line.quantity, line.unit, line.unit_price, line.amount),
        ]
        for line in lines
    ]
    _csv(file, [header, *rows, ["Total", *[""] * 8, total]])
    return total


def _redstor(lines: Lines, file: Path) -> Decimal:
    """FOCUS 1.2, Cost and Usage, with a row of tax; the letter tells the total."""
    net = _sum(lines)
    tax = (net * VAT).quantize(Decimal("0.01"))
    rows = [
        _focus(
            line,
            line.amount,
            ChargeCategory="Usage",
            ChargeDescription=line.product,
            ContractedUnitPrice=line.unit_price,
            PricingQuantity=line.quantity,
            PricingUnit=line.unit,
            SkuId=_code(line),
            SubAccountId=line.account_id,
        )
        for line in lines
    ]
    rows += [_focus(line, tax, ChargeCategory="Tax", ChargeDescription="VAT 21 %") for line in lines[:1]]
    _csv(file, [FOCUS, *([row.get(column) for column in FOCUS] for row in rows)])
    return net + tax


def _focus(line: InvoiceLine, cost: Decimal, **more: object) -> dict[str, object]:
    start, end = (f"{day}T00:00:00Z" for day in (line.service_start, line.service_end))
    return {
        **dict.fromkeys(("BilledCost", "ContractedCost", "EffectiveCost", "ListCost"), cost),
        **dict.fromkeys(("BillingPeriodStart", "ChargePeriodStart"), start),
        **dict.fromkeys(("BillingPeriodEnd", "ChargePeriodEnd"), end),
        **dict.fromkeys(("InvoiceIssuerName", "ProviderName", "PublisherName"), "Redstor"),
        "BillingAccountId": "northwind",
        "BillingAccountName": DISTRIBUTOR,
        "BillingCurrency": line.currency,
        "InvoiceId": line.number,
        "ServiceCategory": "Storage",
        "ServiceName": "Redstor Backup",
        **more,
    }


def _xopero(lines: Lines, file: Path) -> Decimal:
    """Semicolons and decimal commas, the month as one, and the number of lines above them."""
    header = ["Faktura", "Data", "Klient", "Produkt", "Okres", "Ilość", "Jedn.", "Wartość", "Waluta"]
    rows = [
        [
            *(line.number, f"{line.issued_on:%d.%m.%Y}", line.account_id, line.product),
            *(f"{line.service_start:%d.%m.%Y}", _comma(line.quantity), line.unit),
            *(_comma(line.amount), line.currency),
        ]
        for line in lines
    ]
    _csv(file, [["Xopero"], ["Liczba pozycji", len(lines)], header, *rows], delimiter=";")
    return _sum(lines)


def _revirt365(lines: Lines, file: Path) -> Decimal:
    """A workbook with a total line."""
    from openpyxl import Workbook  # noqa: PLC0415  # as in connectors.files.table

    total = _sum(lines)
    book = Workbook()
    page = book.worksheets[0]
    page.title = "Invoice"
    page.append(
        [
            *("Invoice", "Date", "Tenant", "Product", "Start", "End"),
            *("Quantity", "Unit", "Amount", "Currency"),
        ]
    )
    for line in lines:
        end = line.service_end - timedelta(days=1)
        page.append(
            [
                *(line.number, line.issued_on, line.account_id, line.product, line.service_start, end),
                *(line.quantity, line.unit, line.amount, line.currency),
            ]
        )
    page.append(["Total", *[None] * 7, total])
    kept = io.BytesIO()
    book.save(kept)
    file.write_bytes(kept.getvalue())
    return total


def _csv(file: Path, rows: Iterable[Sequence[object]], delimiter: str = ",") -> None:
    with file.open("w", encoding="utf-8", newline="") as target:
        csv.writer(target, delimiter=delimiter, lineterminator="\n").writerows(rows)


def _sum(lines: Lines) -> Decimal:
    return sum((line.amount for line in lines), Decimal("0.00"))


def _comma(value: Decimal) -> str:
    return f"{value:f}".replace(".", ",")


def _code(line: InvoiceLine) -> str:
    """What a vendor that has codes calls a product."""
    return line.product.lower().replace(" & ", "-").replace(" ", "-")


_LAYOUTS: dict[str, tuple[str, str, Callable[[Lines, Path], Decimal]]] = {
    "infrascale": ("csv", "infrascale-invoice", _infrascale),
    "redstor": ("csv", "redstor-focus", _redstor),
    "xopero": ("csv", "xopero-invoice", _xopero),
    "revirt365": ("xlsx", "revirt365-invoice", _revirt365),
}
