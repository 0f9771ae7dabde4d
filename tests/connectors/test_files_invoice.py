"""Invoices of vendors as files: FOCUS, other layouts, and what is refused."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from connectors.errors import ContractBroken, NotConfigured
from connectors.files import VENDOR
from connectors.files.fetch import file_to_import
from connectors.files.mapping import READY, read_mapping
from connectors.sandbox.invoices import VENDORS, vendor_invoice, write_invoices
from connectors.sandbox.world import World
from connectors.stream import UsageDay

OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)
LAST = date(2026, 10, 31)
FOCUS = """
based_on = "focus"
name = "acme-focus"
vendor = "acme"
[skus]
"M365" = "RS-M365"
"DISK-ASIA" = "RC-STORAGE/asia"
[units]
"GiB-Months" = "GiB"
"""
HEADER = (
    "InvoiceId,BillingPeriodEnd,SubAccountId,ChargeCategory,SkuId,ChargeDescription,ChargePeriodStart,"
    "ChargePeriodEnd,PricingQuantity,PricingUnit,ContractedUnitPrice,BilledCost,BillingCurrency,Tags\n"
)
SEATS = (
    "F-1,2026-11-01T00:00:00Z,t1,Usage,M365,Seats,2026-10-01T00:00:00Z,2026-11-01T00:00:00Z,"
    '12,seats,1.05,12.600000001,EUR,"{""a"": 1}"\n'
)
PLAIN = """
kind = "invoice"
name = "bill"
vendor = "acme"
[table]
date_format = "%d.%m.%Y"
header_row = 3
count_label = "Lines"
[invoice]
charges = "negative"
[columns]
invoice_number = "No"
occurred_on = "Date"
amount = "Amount"
service_start = "From"
service_end = "To"
[constants]
currency = "EUR"
[control]
sum_of = "Amount"
"""
BILL = "Acme\nLines:,2\nNo,Date,From,To,Amount\n1,03.11.2026,01.10.2026,31.10.2026,-7.5\n"
BILL += "1,03.11.2026,15.10.2026,15.10.2026,2\n"


def read(
    tmp_path: Path,
    content: str | bytes,
    mapping: str = FOCUS,
    *,
    total: str | None = None,
    rows: int | None = None,
) -> list[dict[str, Any]]:
    """The rows of a file that is imported for October."""
    (tmp_path / "file.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
    (tmp_path / "mapping.toml").write_text(mapping)
    brought = file_to_import(
        tmp_path / "file.csv", tmp_path / "mapping.toml", rows, None if total is None else Decimal(total)
    )
    return parsed(brought)


def parsed(brought: Any) -> list[dict[str, Any]]:
    stream = VENDOR.stream("invoices")
    (exchange,) = stream.fetch(brought, UsageDay(LAST, ZoneInfo("UTC")))
    page = stream.parse(exchange)
    assert page.rows.schema == stream.schema
    found: list[dict[str, Any]] = page.rows.to_pylist()
    return found


def refused(tmp_path: Path, content: str, mapping: str = FOCUS, **given: Any) -> str:
    with pytest.raises(ContractBroken) as raised:
        read(tmp_path, content, mapping, **given)
    (line,) = str(raised.value).splitlines()
    return line


def test_focus_is_read_by_its_columns(tmp_path: Path) -> None:
    """Periods are half-open instants, costs have many decimals, and what is not mapped is kept."""
    (row,) = read(tmp_path, HEADER + SEATS, rows=1)
    assert {name: row[name] for name in ("invoice_number", "account_id", "sku", "kind", "quantity")} == {
        "invoice_number": "F-1",
        "account_id": "t1",
        "sku": "RS-M365",
        "kind": "invoice_line",
        "quantity": 12,
    }
    assert (row["service_start"], row["service_end"], row["occurred_on"]) == (OCTOBER, NOVEMBER, NOVEMBER)
    assert (row["amount"], row["unit_price"]) == (Decimal("12.600000001"), Decimal("1.05"))
    assert row["extra"] == '{"Tags": "{\\"a\\": 1}"}'


def test_what_a_focus_row_is_stands_in_its_category(tmp_path: Path) -> None:
    """Tax and credits are no charges for usage; a SKU may have a dimension, and a unit another name."""
    more = (
        SEATS.replace("Usage,M365", "Purchase,DISK-ASIA").replace("seats", "GiB-Months"),
        SEATS.replace("Usage,M365", "Tax,"),
        SEATS.replace("Usage", "Credit").replace(",12.6", ",-12.6"),
    )
    rows = read(tmp_path, HEADER + SEATS + "".join(more), rows=4)
    assert [(row["kind"], row["sku"], row["dimension"], row["unit"]) for row in rows] == [
        ("invoice_line", "RS-M365", "", "seats"),
        ("invoice_line", "RC-STORAGE", "asia", "GiB"),
        ("tax", None, None, "seats"),
        ("credit", "RS-M365", "", "seats"),
    ]
    assert rows[3]["amount"] < 0


def test_a_period_that_ends_inside_a_day_has_that_day(tmp_path: Path) -> None:
    """FOCUS may tell of hours."""
    (row,) = read(
        tmp_path, HEADER + SEATS.replace("2026-11-01T00:00:00Z,12", "2026-10-01T01:00:00Z,12"), rows=1
    )
    assert (row["service_start"], row["service_end"]) == (OCTOBER, date(2026, 10, 2))


def test_focus_comes_as_parquet_too(tmp_path: Path) -> None:
    """Decimals and instants as they are, binary fractions as in a spreadsheet."""
    row = {
        "InvoiceId": "F-1",
        "SubAccountId": "t1",
        "ChargeCategory": "Usage",
        "SkuId": "M365",
        "ChargeDescription": "Seats",
        "PricingUnit": "seats",
        "BillingCurrency": "EUR",
        "BillingPeriodEnd": datetime(2026, 11, 1, tzinfo=UTC),
        "ChargePeriodStart": datetime(2026, 10, 1, tzinfo=UTC),
        "ChargePeriodEnd": datetime(2026, 11, 1, tzinfo=UTC),
        "PricingQuantity": 12,
        "ContractedUnitPrice": 1.05,
        "BilledCost": Decimal("12.60"),
        "Tags": {"a": "1"},
    }
    kept = io.BytesIO()
    pq.write_table(pa.Table.from_pylist([row]), kept)
    (read_row,) = read(tmp_path, kept.getvalue(), total="12.60")
    assert (read_row["unit_price"], read_row["amount"], read_row["quantity"]) == (
        Decimal("1.05"),
        Decimal("12.6"),
        12,
    )
    assert (read_row["service_start"], read_row["file_row"]) == (OCTOBER, 2)


def test_a_damaged_parquet_file_is_refused(tmp_path: Path) -> None:
    """With one line."""
    with pytest.raises(ContractBroken, match=r"^file\.csv is not a Parquet file: "):
        read(tmp_path, b"PAR1 cut off", rows=1)


def test_charges_below_zero_and_last_days_are_turned_round(tmp_path: Path) -> None:
    """The number of lines stands above the header; one day is one day."""
    first, second = read(tmp_path, BILL, PLAIN)
    assert (first["amount"], first["service_start"], first["service_end"]) == (
        Decimal("7.5"),
        OCTOBER,
        NOVEMBER,
    )
    assert (second["amount"], second["service_start"], second["service_end"]) == (
        -2,
        date(2026, 10, 15),
        date(2026, 10, 16),
    )


def test_a_line_without_a_period_is_for_the_month_of_the_import(tmp_path: Path) -> None:
    """And one with a month for that month."""
    mapping = PLAIN.replace('service_start = "From"\nservice_end = "To"\n', "")
    assert [row["service_start"] for row in read(tmp_path, BILL, mapping)] == [OCTOBER, OCTOBER]
    mapping = mapping.replace('amount = "Amount"', 'amount = "Amount"\nservice_month = "From"', 1)
    assert [row["service_end"] for row in read(tmp_path, BILL, mapping)] == [NOVEMBER, NOVEMBER]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("2\nNo", "3\nNo", "file.csv has 2 rows, 3 are stated above its header: was it cut off?"),
        ("Lines:", "Count", "file.csv does not state its number of rows above its header, beside 'Lines'"),
        ("Lines:,2", "Lines:,two", "file.csv: row 2, column count_label: is 'two', not a number"),
        (
            "15.10.2026,15.10.2026",
            "15.10.2026,14.10.2026",
            "file.csv: row 5, column To: is 14.10.2026, and the period begins on 2026-10-15: [invoice]",
        ),
        (".10.2026", ".09.2026", "file.csv: no row is for 2026-10, the first is for 2026-09: give a --date"),
        ("-7.5", "7,5", "file.csv row 4 has more cells than the header"),
        ("-7.5", "7.5.0", "file.csv: row 4, column Amount: is '7.5.0', not a number"),
    ],
)  # fmt: skip
def test_a_bad_invoice_is_one_clear_line(tmp_path: Path, old: str, new: str, said: str) -> None:
    """File, row, column, what is wrong and how to mend it."""
    assert refused(tmp_path, BILL.replace(old, new).replace("31.09", "30.09"), PLAIN).startswith(said)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("Usage", "Refund", "row 2, column ChargeCategory: is 'Refund', none of usage, purchase, adjustment"),
        ("EUR", "EURO", "row 2, column BillingCurrency: is 'EURO', not a currency of ISO 4217"),
        ("2026-10-01T00", "2026-13-01T00", "row 2, column ChargePeriodStart: is '2026-13-01T00:00:00Z'"),
        ("12.600000001", "12.6000000001", "row 2, column BilledCost: is 12.6000000001, which does not fit"),
        ("SubAccountId", "Account", "there is no column 'SubAccountId'; the columns are InvoiceId"),
    ],
)  # fmt: skip
def test_a_bad_focus_file_is_one_clear_line(tmp_path: Path, old: str, new: str, said: str) -> None:
    """As any other."""
    assert refused(tmp_path, (HEADER + SEATS).replace(old, new, 1), rows=1).startswith(f"file.csv: {said}")


def test_focus_needs_somebody_who_knows_its_total(tmp_path: Path) -> None:
    """It has neither a total line nor a count."""
    with pytest.raises(NotConfigured, match="nothing proves that"):
        read(tmp_path, HEADER + SEATS)
    assert refused(tmp_path, HEADER + SEATS, total="12.61") == (
        "file.csv: column BilledCost adds up to 12.600000001, 12.61 is expected"
    )


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"focus"', '"fokus"', "based_on is 'fokus', no ready mapping; there are focus, infrascale-invoice"),
        ('"RS-M365"', '"RS M365"', "mapping.toml: skus.M365 String should match pattern"),
        ("[units]", '[columns]\nservice_month = "Month"\n[units]', "mapping.toml: a period is"),
        ("[units]", "[meters.seats]\ncolumn = 'a'\nunit = 'seats'\n[units]", "mapping.toml: [meters] are"),
    ],
)  # fmt: skip
def test_a_mistake_of_an_invoice_mapping_is_one_line(tmp_path: Path, old: str, new: str, said: str) -> None:
    """Before the file is opened."""
    (tmp_path / "mapping.toml").write_text(FOCUS.replace(old, new))
    with pytest.raises(NotConfigured) as raised:
        read_mapping(tmp_path / "mapping.toml")
    assert str(raised.value).startswith(said)


def test_a_mapping_replaces_what_it_is_based_on(tmp_path: Path) -> None:
    """A column of its own, or a constant in place of a column."""
    own = FOCUS + '[columns]\naccount_id = "ResourceId"\n[constants]\nproduct = "M365"\n'
    (tmp_path / "mapping.toml").write_text(own)
    mapping = read_mapping(tmp_path / "mapping.toml")
    assert mapping.columns["account_id"] == "ResourceId"
    assert "product" not in mapping.columns
    assert mapping.columns["amount"] == "BilledCost"


def test_the_ready_mappings_read_the_invoices_of_the_sandbox(tmp_path: Path) -> None:
    """CSV of three kinds, FOCUS among them, and a workbook: every line as the vendor has it."""
    world = World(12)
    written = write_invoices(world, OCTOBER, tmp_path)
    assert {invoice.mapping for invoice in written} == {*READY.glob("*-*.toml")}
    for vendor, invoice in zip(VENDORS, written, strict=True):
        rows = parsed(file_to_import(invoice.file, invoice.mapping, None, invoice.total))
        assert [
            (*(row[name] for name in ("invoice_number", "account_id", "sku", "service_start", "service_end")),
             *(row[name] for name in ("quantity", "unit", "currency", "amount")))
            for row in rows
            if row["kind"] == "invoice_line"
        ] == [
            (line.number, line.account_id, line.sku, line.service_start, line.service_end,
             line.quantity, line.unit, line.currency, line.amount)
            for line in vendor_invoice(world, vendor, OCTOBER)
        ]  # fmt: skip
