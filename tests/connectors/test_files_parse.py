"""Files to rows: exactly what stands in them, as a whole or not at all."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl
import pytest

from connectors.errors import ContractBroken, NotConfigured
from connectors.files import VENDOR
from connectors.files.fetch import file_to_import
from connectors.files.mapping import read_mapping
from connectors.stream import UsageDay

DAY = UsageDay(date(2026, 10, 31), ZoneInfo("UTC"))
SEATS = """
kind = "usage"
name = "seats"
vendor = "revirt365"
period = "month"
[columns]
account_id = "Customer"
period = "Month"
[constants]
product = "backup365"
[meters.active_seats]
column = "Seats"
unit = "seats"
[control]
sum_of = "Seats"
"""
INVOICE = """
kind = "invoice"
name = "bill"
vendor = "xopero"
[csv]
delimiter = ";"
decimal = ","
thousands = "."
encoding = "cp1252"
[table]
date_format = "%d.%m.%Y"
total_label = "Summe"
[columns]
invoice_number = "Beleg"
occurred_on = "Datum"
description = "Text"
amount = "Betrag"
[constants]
currency = "EUR"
[control]
sum_of = "Betrag"
"""
CSV = "Customer,Month,Seats\nc1,2026-10,12\nc2,2026-10,0\n"


def rows(tmp_path, content, mapping=SEATS, *, count=None, total=None, name="file.csv"):
    (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    (tmp_path / "mapping.toml").write_text(mapping)
    total = None if total is None else Decimal(total)
    brought = file_to_import(tmp_path / name, tmp_path / "mapping.toml", count, total)
    stream = VENDOR.stream(brought.stream)
    (exchange,) = stream.fetch(brought, DAY)
    page = stream.parse(exchange)
    assert page.rows.schema == stream.schema
    return page.rows.to_pylist()


def workbook(*lines, sheets=("Usage",)):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for sheet in sheets:
        page = book.create_sheet(sheet)
        for line in lines:
            page.append(line)
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def altered(content, old, new):
    """A workbook with other bytes in its first sheet."""
    kept = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as book, zipfile.ZipFile(kept, "w") as other:
        for name in book.namelist():
            part = book.read(name)
            other.writestr(name, part.replace(old, new) if name.endswith("sheet1.xml") else part)
    return kept.getvalue()


def refusal(tmp_path, content, mapping=SEATS, *, count=None, total="12", name="file.csv"):
    with pytest.raises(ContractBroken) as raised:
        rows(tmp_path, content, mapping, count=count, total=total, name=name)
    return str(raised.value).splitlines()


def test_a_row_is_a_reading_of_each_meter(tmp_path):
    """Zero is one; the row number leads back to the file."""
    read = rows(tmp_path, CSV, total="12")
    assert [(r["account_id"], r["quantity"], r["file_row"]) for r in read] == [("c1", 12, 2), ("c2", 0, 3)]
    assert {name: read[0][name] for name in ("for_vendor", "for_connection", "resource_id", "unit")} == {
        "for_vendor": "revirt365",
        "for_connection": "default",
        "resource_id": "c1",
        "unit": "seats",
    }


def test_storage_is_in_bytes_to_the_last_one(tmp_path):
    """GB are 10^9 and GiB 2^30; what does not fit nine decimals is refused."""
    mapping = SEATS.replace("active_seats", "used_bytes").replace('unit = "seats"', 'unit = "GiB"')
    read = rows(tmp_path, CSV.replace(",12\n", ",1.1\n"), mapping, total="1.1")
    assert (read[0]["quantity"], read[0]["unit"]) == (Decimal("1181116006.4"), "bytes")
    (line,) = refusal(tmp_path, CSV.replace(",12\n", ",0.00000000000000000001\n"), mapping, total="1E-20")
    assert "does not fit 19 digits and 9 decimals" in line


def test_an_invoice_is_its_lines(tmp_path):
    """German signs, a code page of Windows, credits, and columns that nobody asked for."""
    content = (
        "Beleg;Datum;Text;Betrag;Pos\n"
        "R-1;30.10.2026;Prüfung;1.234,5678;1\n"
        "R-1;30.10.2026;Gutschrift;-0,5;2\n"
        "Summe;;;1.234,0678;\n"
    ).encode("cp1252")
    first, second = rows(tmp_path, content, INVOICE)
    assert first["transaction_id"] == "R-1/2"
    assert (first["occurred_on"], first["description"]) == (date(2026, 10, 30), "Prüfung")
    assert (first["amount"], second["amount"]) == (Decimal("1234.5678"), Decimal("-0.5"))
    assert json.loads(first["extra"]) == {"Pos": "1"}


# Whole


def test_something_must_vouch_for_the_file(tmp_path):
    """One that was cut off looks like a shorter one."""
    with pytest.raises(NotConfigured, match=r"nothing proves that file\.csv is whole"):
        rows(tmp_path, CSV)
    with pytest.raises(NotConfigured, match="count its rows"):
        rows(tmp_path, CSV, SEATS.replace('sum_of = "Seats"', ""))
    assert len(rows(tmp_path, CSV, count=2)) == 2


@pytest.mark.parametrize(
    ("lines", "given", "said"),
    [
        (CSV, {"count": 3}, "file.csv has 2 rows, and 3 are expected"),
        (CSV, {"total": "13"}, "file.csv: column Seats adds up to 12, 13 is expected"),
        (CSV + "Total,,13\n", {}, "file.csv: column Seats adds up to 12, 13 is stated by its total line"),
        (CSV, {}, "file.csv has no total line, beginning with 'total': was it cut off?"),
        (CSV + "Total,,12\nc3,2026-10,1\n", {}, "file.csv: row 5 is below the total line, row 4"),
        (CSV + "Total,,\n", {}, "file.csv: row 4, column Seats: is empty"),
        ("Customer,Month,Seats\nTotal,,0\n", {}, "file.csv has no rows under its header"),
        ("", {"count": 0}, "file.csv has nothing from row 1 on"),
    ],
)
def test_a_file_that_does_not_add_up_is_refused(tmp_path, lines, given, said):
    """By its own total line, or by what the person knows of it."""
    mapping = SEATS if given else SEATS + '[table]\ntotal_label = "total"\n'
    (line,) = refusal(tmp_path, lines, mapping, **{"total": None, **given})
    assert line.startswith(said)


# Mistakes


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (",12", ",", "row 2, column Seats: is empty; write the value, 0 where it is none"),
        (",12", ",1.234", "row 2, column Seats: is 1.234, not a whole number: if its sign"),
        (",12", ",-1", "row 2, column Seats: is -1, less than nothing"),
        (",12", ",12 seats", "row 2, column Seats: is '12 seats', not a number with '.' before"),
        (",12", ",१२", "row 2, column Seats: is '१२', not a number"),
        (",12", ",NaN", "row 2, column Seats: is 'NaN', not a number"),
        (",12", ",1e3", "row 2, column Seats: is '1e3', not a number"),
        ("c1", "", "row 2, column Customer: is empty"),
        ("c2", "c1", "row 3 tells of account c1, product backup365 as row 2 does: add the rows up"),
        ("c1,2026-10", "c1,2026-09", "row 2, column Month: is 2026-09-01, and the file is"),
        ("c1,2026-10", "c1,October", "row 2, column Month: is 'October', not a date as YYYY-MM-DD"),
        ("Seats", "Users", "there is no column 'Seats'; the columns are Customer, Month, Users"),
        ("Seats\n", "Seats,Seats\n", "there are several columns 'Seats'"),
    ],
)  # fmt: skip
def test_a_mistake_names_file_row_and_column(tmp_path, old, new, said):
    """And how to mend it; nothing of the file is taken."""
    lines = refusal(tmp_path, CSV.replace(old, new, 1), count=2, total=None)
    assert lines[0].startswith(f"file.csv: {said}")


def test_many_mistakes_are_counted(tmp_path):
    """The first ten are told."""
    content = "Customer,Month,Seats\n" + "".join(f"c{n},2026-10,x\n" for n in range(14))
    lines = refusal(tmp_path, content, count=14, total=None)
    assert (len(lines), lines[-1]) == (11, "file.csv: and 4 more mistakes")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (CSV + "c3,2026-10\n", "file.csv: row 4, column Seats: is not there: the row has fewer cells"),
        (CSV + "c3,2026-10,1,2\n", "file.csv row 4 has more cells than the header"),
        (CSV + '"c3,2026-10,1\n', "file.csv row 4 is not CSV"),
        (CSV.encode("utf-16"), "file.csv cannot be read as utf-8"),
        (b"\xd0\xcf\x11\xe0old", "file.csv is an old Excel file"),
        (b"PK\x03\x04broken", "file.csv is not an XLSX workbook"),
    ],
)
def test_a_damaged_file_is_refused(tmp_path, content, said):
    """A row that was cut off is not a row without seats."""
    assert refusal(tmp_path, content, count=3, total=None)[0].startswith(said)


def test_a_byte_order_mark_and_quoted_line_breaks_are_no_mistake(tmp_path):
    """Spreadsheets write both."""
    content = '\ufeff"Customer",Month,Seats\n"c\n1",2026-10,12\n\nc2,2026-10,1\n'
    assert [(r["account_id"], r["file_row"]) for r in rows(tmp_path, content, count=2)] == [
        ("c\n1", 3),
        ("c2", 5),
    ]


# XLSX


def test_a_workbook_gives_what_its_cells_mean(tmp_path):
    """Numbers of an id are its digits, and a date is a date; an empty row is none."""
    content = workbook(
        ["Report", None, None],
        ["Customer", "Month", "Seats"],
        [1001, date(2026, 10, 1), 12],
        [None, None, None],
        ["0012", datetime(2026, 10, 31), 3],
        ["Total", None, 15],
    )
    mapping = SEATS + '[table]\nheader_row = 2\ntotal_label = "Total"\n'
    read = rows(tmp_path, content, mapping, name="seats.xlsx")
    assert [(r["account_id"], r["quantity"], r["file_row"]) for r in read] == [
        ("1001", 12, 3),
        ("0012", 3, 5),
    ]


@pytest.mark.parametrize(
    ("stored", "means"),
    [(59.97, "59.97"), (0.1, "0.1"), (1e-4, "0.0001"), (123456789012345, "123456789012345")],
)
def test_a_spreadsheets_fraction_is_its_shortest_decimal(tmp_path, stored, means):
    """0.1 is stored as 0.1000000000000000055511151231257827, and means 0.1."""
    mapping = SEATS.replace('unit = "seats"', 'unit = "seats"\nfractions = true')
    content = workbook(["Customer", "Month", "Seats"], ["c1", date(2026, 10, 1), stored])
    (read,) = rows(tmp_path, content, mapping, count=1, name="seats.xlsx")
    assert read["quantity"] == Decimal(means)


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (0.1 + 0.7, "is kept by the sheet as 0.7999999999999999, more than the 15 digits"),
        (1234567890123456, "is kept by the sheet as 1234567890123456, more than the 15 digits"),
        ("#REF!", "is the error #REF!: correct the formula"),
        (True, "is True, not a number"),
        ("=1+1", "is a formula without a stored result: open and save the file, or export it as CSV"),
        (datetime(2026, 10, 1, 12, 30), "is a time of day, not a date"),
    ],
)
def test_a_cell_that_is_no_exact_number_is_refused(tmp_path, cell, said):
    """Traces of calculations, lost digits, errors, and formulas that nobody calculated."""
    content = workbook(["Customer", "Month", "Seats"], ["c1", date(2026, 10, 1), cell])
    (line,) = refusal(tmp_path, content, count=1, total=None, name="seats.xlsx")
    assert line.startswith(f"seats.xlsx: row 2, column Seats: {said}")


def test_a_formula_that_nobody_calculated_is_no_empty_cell(tmp_path):
    """Where a cell may be empty, a reading would vanish; a stored result counts, and may be an empty text."""
    mapping = SEATS.replace('unit = "seats"', 'unit = "seats"\nmay_be_empty = true')
    lines = ["Customer", "Month", "Seats"], ["c1", date(2026, 10, 1), 12], ["c2", date(2026, 10, 1), "=5*100"]
    (said,) = refusal(tmp_path, workbook(*lines), mapping, count=2, total=None, name="seats.xlsx")
    assert said.startswith("seats.xlsx: row 3, column Seats: is a formula without a stored result")
    for stored, seats in ((b"><f>5*100</f><v>500</v>", [12, 500]), (b' t="str"><f>5*100</f><v></v>', [12])):
        content = altered(workbook(*lines), b"><f>5*100</f><v></v>", stored)
        read = rows(tmp_path, content, mapping, count=2, name="seats.xlsx")
        assert [row["quantity"] for row in read] == seats


def test_one_of_several_sheets_must_be_named(tmp_path):
    """Which one counts is not guessed."""
    line = ["c1", date(2026, 10, 1), 12]
    content = workbook(["Customer", "Month", "Seats"], line, sheets=("A", "B"))
    (said,) = refusal(tmp_path, content, count=1, total=None, name="seats.xlsx")
    assert said == "seats.xlsx has several sheets; name one in [table] sheet: A, B"
    named = SEATS + '[table]\nsheet = "B"\n'
    assert len(rows(tmp_path, content, named, count=1, name="seats.xlsx")) == 1


# The mapping


def test_the_examples_of_the_readme_are_mappings(tmp_path):
    """What people copy works."""
    import connectors.files

    readme = (Path(connectors.files.__file__).parent / "README.md").read_text()
    usage, invoice = (part.split("```")[0] for part in readme.split("```toml\n")[1:])
    (tmp_path / "mapping.toml").write_text(usage)
    assert read_mapping(tmp_path / "mapping.toml").meters["protected_bytes"].may_be_empty
    (tmp_path / "mapping.toml").write_text(invoice)
    assert read_mapping(tmp_path / "mapping.toml").skus["Storage, Asia"] == "RC-STORAGE/asia"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('kind = "usage"', 'kind = "use"', "kind Input should be 'usage' or 'invoice'"),
        ('name = "seats"', "", "name is missing"),
        ('account_id = "Customer"', "", "account_id: neither a column nor a constant"),
        ('account_id = "Customer"', 'customer = "Customer"', "customer: there is no such column of usage"),
        ("product =", "account_id =", "account_id: a column and a constant at once"),
        ("active_seats", "used_bytes", "meters.used_bytes: unit must be one of bytes, KB"),
        ('vendor = "revirt365"', 'vendor = "revirt365"\nsheets = 1', "sheets is not part of a mapping"),
    ],
)
def test_a_mistake_of_the_mapping_is_one_line(tmp_path, old, new, said):
    """Before the file is opened."""
    (tmp_path / "mapping.toml").write_text(SEATS.replace(old, new, 1))
    with pytest.raises(NotConfigured) as raised:
        read_mapping(tmp_path / "mapping.toml")
    assert str(raised.value).splitlines()[0].startswith(f"mapping.toml: {said}")


def test_the_request_names_the_file_and_its_hash(tmp_path, monkeypatch):
    """An import is evidence like any answer."""
    monkeypatch.setenv("BACKUP_BILLING_NOW", "2026-11-02T02:00:00+00:00")
    (tmp_path / "file.csv").write_text(CSV)
    (tmp_path / "mapping.toml").write_text(SEATS)
    brought = file_to_import(tmp_path / "file.csv", tmp_path / "mapping.toml", 2, None)
    (exchange,) = VENDOR.stream("usage").fetch(brought, DAY)
    assert exchange.request == f"import file.csv as seats for 2026-10, SHA-256 {exchange.sha256}"
    assert (exchange.operation, exchange.body.decode()) == ("file", CSV)
    assert exchange.received_at == datetime(2026, 11, 2, 2, tzinfo=UTC)
    assert brought.days(DAY.date) == [date(2026, 10, n) for n in range(1, 32)]
