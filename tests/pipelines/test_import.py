"""Files and the contract file on the command line, through the real jobs."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from pipelines import cli, runs
from pipelines.settings import load_settings
from pipelines.vendor_invoices import import_sandbox_invoices
from tests.pipelines.conftest import CUSTOMERS, House
from warehouse.reconciliation.vendor_invoices import by_vendor

COLLECTION = Path(__file__).parents[1] / "connectors" / "revirt365_collection.json"
MAPPING = """
kind = "usage"
name = "seats"
vendor = "revirt365"
connection = "by-file"
period = "month"
[columns]
account_id = "Customer"
[constants]
product = "backup365"
[meters.active_seats]
column = "Seats"
unit = "seats"
[table]
total_label = "Total"
[control]
sum_of = "Seats"
"""
BILL = """
kind = "invoice"
name = "bill"
vendor = "revirt365"
[columns]
invoice_number = "No"
occurred_on = "Date"
amount = "Amount"
[constants]
currency = "EUR"
"""


@pytest.fixture
def command(house: House, monkeypatch: pytest.MonkeyPatch):
    """Runs `backup-billing` in this process, on the records of the house."""
    monkeypatch.setattr(runs, "instance", lambda: house.records)
    house.set_now(datetime(2026, 11, 2, 2))

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(cli.app, arguments)

    return run


@pytest.fixture
def handed(tmp_path: Path):
    """Writes a file and its mapping; gives the arguments that import them."""

    def write(content: str, mapping: str = MAPPING) -> list[str]:
        (tmp_path / "file.csv").write_text(content)
        (tmp_path / "mapping.toml").write_text(mapping)
        return ["import", str(tmp_path / "file.csv"), "--mapping", str(tmp_path / "mapping.toml")]

    return write


def test_a_months_file_is_a_reading_of_each_of_its_days(command, handed, house: House) -> None:
    """Landed, staged, led back to its bytes, replayed without the file, and the same when it comes again."""
    arguments = [*handed("Customer,Seats\nc1,12\nc2,0\nTotal,12\n"), "--date", "2026-10-31"]
    result = command(*arguments)
    assert result.exit_code == 0, result.output
    assert result.output == "file.csv: landed as files/usage, seats, 2026-10-01 to 2026-10-31\n"
    staged = house.rows(
        "SELECT account_id, quantity, quality, count(*), min(usage_date), max(usage_date)"
        " FROM staging.usage_snapshot GROUP BY ALL ORDER BY ALL"
    )
    month = (31, date(2026, 10, 1), date(2026, 10, 31))
    assert staged == [("c1", Decimal(12), "manual", *month), ("c2", Decimal(0), "manual", *month)]
    command(*arguments)
    assert len(list(house.landing.pulls(vendor="files"))) == 31
    assert command("replay", "--date", "2026-10-07", "--vendor", "files").exit_code == 0


def test_a_corrected_file_replaces_what_it_said(command, handed, house: House) -> None:
    """Under the same name and for the same period."""
    day = MAPPING.replace('"month"', '"day"')
    for seats in ("12", "13"):
        result = command(*handed(f"Customer,Seats\nc1,{seats}\nTotal,{seats}\n", day), "--date", "2026-10-31")
        assert result.exit_code == 0, result.output
    assert house.rows("SELECT usage_date, quantity FROM staging.usage_snapshot") == [
        (date(2026, 10, 31), Decimal(13))
    ]


def test_an_invoice_is_landed_for_its_day(command, handed, house: House) -> None:
    """Its lines are the vendor's transactions."""
    bill = handed("No,Date,Amount\nR1,2026-10-30,10.50\n", BILL)
    assert command(*bill, "--date", "2026-10-31", "--rows", "1").exit_code == 0
    sql = "SELECT vendor, transaction_id, kind, amount FROM staging.vendor_transaction"
    assert house.rows(sql) == [("revirt365", "R1/2", "invoice_line", Decimal("10.5000"))]


FOCUS = """
based_on = "focus"
name = "focus"
vendor = "revirt365"
[skus]
"M365" = "RV-M365"
"""
COSTS = (
    "InvoiceId,BillingPeriodEnd,SubAccountId,ChargeCategory,SkuId,ChargeDescription,ChargePeriodStart,"
    "ChargePeriodEnd,PricingQuantity,PricingUnit,ContractedUnitPrice,BilledCost,BillingCurrency\n"
    "F-1,2026-11-01T00:00:00Z,t1,Usage,M365,Seats,2026-10-01T00:00:00Z,2026-12-01T00:00:00Z,"
    "12,seats,1.05,12.60,EUR\n"
)


def test_a_focus_file_is_compared_with_what_was_used(command, handed, house: House) -> None:
    """Its lines stand in their months with their lineage; the half of November is not October's."""
    bill = handed(COSTS, FOCUS)
    result = command(*bill, "--date", "2026-10-31", "--sum", "12.60")
    assert result.exit_code == 0, result.output
    sql = """
        SELECT line.month, line.document_number, line.account_id, line.sku, line.sku_quantity, line.amount,
            line.days_covered, line.days_of_line, line.row_no, pull.sha256 IS NOT NULL
        FROM reconciliation.vendor_invoice_line AS line
        INNER JOIN ops.current_pull AS pull USING (pull_id)
    """
    amount = Decimal("6.403278688524590")  # 31 of 61 days
    assert house.rows(sql) == [
        (date(2026, 10, 1), "F-1", "t1", "RV-M365", 12, amount, 31, 61, 0, True),
    ]
    match = "SELECT cause, invoiced_amount, party FROM reconciliation.three_way WHERE vendor = 'revirt365'"
    assert house.rows(match) == [("missing_usage", amount, "account t1")]
    (row,) = by_vendor(house.home / "warehouse.duckdb", date(2026, 10, 31)).rows
    assert row == ("revirt365", "default", "F-1", 1, 0, 1, "EUR", Decimal("6.40"), None)


def test_an_invoice_is_taken_once(command, handed, house: House) -> None:
    """For the same day it is replaced; for another it would be compared twice."""
    bill = handed(COSTS, FOCUS)
    for day, total, status in (
        ("2026-10-31", "12.60", 0),
        ("2026-10-31", "12.60", 0),
        ("2026-10-30", "12.60", 2),
    ):
        result = command(*bill, "--date", day, "--sum", total)
        assert result.exit_code == status, result.output
    assert result.stderr == (
        "file.csv: invoice F-1 of revirt365 was imported for 2026-10-31 as focus: import the file for that "
        "day, by a mapping of that name, to replace it\n"
    )


def test_the_sandboxs_invoices_are_imported_as_they_are_told(command, house: House) -> None:
    """By the commands that are printed with them, with ready mappings."""
    printed = command("sandbox", "invoices", "2026-10", "--customers", "12")
    assert printed.exit_code == 0, printed.output
    lines = [line.split()[1:] for line in printed.output.splitlines()]
    assert [Path(line[1]).suffix for line in lines] == [".csv", ".csv", ".csv", ".xlsx"]
    result = command(*lines[1])
    assert result.exit_code == 0, result.output
    sql = "SELECT vendor, kind, count(*), sum(amount) FROM staging.vendor_transaction GROUP BY ALL"
    (net, tax) = sorted(house.rows(sql))
    assert (net[:2], tax[:3]) == (("redstor", "invoice_line"), ("redstor", "tax", 1))
    assert net[3] + tax[3] == Decimal(lines[1][-1])


@pytest.mark.parametrize(
    ("content", "arguments", "status", "says"),
    [
        ("Customer,Seats\nc1,1O\nTotal,12\n", [], 1, "row 2, column Seats: is '1O', not a number"),
        ("Customer,Seats\nc1,12\nTotal,13\n", [], 1, "adds up to 12, 13 is stated by its total line"),
        ("", ["--date", "2026-11-01"], 2, "2026-11-30 is not over: import the file from 2026-12-01 on"),
        ("", ["--date", "2023-10-01"], 2, "--date is 2023-10-01, before 2024-01-01, the first day"),
        ("", ["--date", "October"], 2, "--date is 'October', not a date"),
        ("", ["--sum", "ten"], 2, "--sum is 'ten', not a number"),
    ],
)
def test_a_refused_file_leaves_nothing(
    command, handed, house: House, content: str, arguments: list[str], status: int, says: str
) -> None:
    """One clear line, and no rows of it."""
    date_given = [] if "--date" in arguments else ["--date", "2026-10-31"]
    result = command(*handed(content), *date_given, *arguments)
    assert (result.exit_code, len(result.stderr.splitlines())) == (status, 1)
    assert says in result.stderr
    assert not list(house.landing.current(vendor="files"))


def test_what_stands_in_sends_invoices_too(command, house: House) -> None:
    """Each is imported once, by the same jobs as a person's; the second time there is nothing to do."""
    assert house.night(date(2026, 10, 31), vendor="xopero").failures == []
    house.set_now(datetime(2026, 11, 2, 2))
    for _ in range(2):
        assert import_sandbox_invoices(house.records, load_settings(), date(2026, 10, 1), CUSTOMERS) == []
    told = by_vendor(house.home / "warehouse.duckdb", date(2026, 10, 1))
    assert [row[0] for row in told.rows] == ["infrascale", "redstor", "revirt365", "xopero"]
    assert len(list(house.landing.pulls(vendor="files"))) == 4


# The contract file


def test_a_draft_is_written_once_and_tells_what_is_open(
    command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An existing file, which somebody may have finished, stays."""
    target = tmp_path / "contract.toml"
    monkeypatch.setenv("REVIRT365_CONTRACT", str(target))
    arguments = ["revirt365", "import-collection", str(COLLECTION), "--section", "reseller"]
    result = command(*arguments)
    assert result.exit_code == 0
    assert "streams.usage.fields.active_seats is marked FILL IN: say what it is" in result.output
    assert target.read_text().startswith("# The contract of the ReVirt365 API")
    again = command(*arguments)
    assert (again.exit_code, again.stderr) == (
        2,
        f"{target} is there already: move it away to have a new draft\n",
    )


@pytest.mark.parametrize("content", [None, '{"item": 1}'])
def test_a_file_that_is_no_collection_is_refused(
    command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str | None
) -> None:
    """In one line, and nothing is written."""
    monkeypatch.setenv("REVIRT365_CONTRACT", str(tmp_path / "contract.toml"))
    if content:
        (tmp_path / "x.json").write_text(content)
    result = command("revirt365", "import-collection", str(tmp_path / "x.json"))
    assert (result.exit_code, len(result.stderr.splitlines())) == (2, 1)
    assert not (tmp_path / "contract.toml").exists()


@pytest.fixture
def without_contract(house: House, tmp_path: Path) -> None:
    for name, value in {
        "REVIRT365_BASE_URL": "http://127.0.0.1:9",
        "REVIRT365_APP_KEY": "key-of-the-app",
        "REVIRT365_APP_SECRET": "secret-of-the-app",
        "REVIRT365_CONTRACT": str(tmp_path / "none.toml"),
    }.items():
        house.monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("without_contract")
def test_without_a_contract_file_the_doctor_says_what_mends_it(command) -> None:
    """One line, with the command; the other vendors are well."""
    result = command("doctor")
    (line,) = [line for line in result.output.splitlines() if "revirt365" in line]
    assert "contract needed" in line
    assert line.endswith("backup-billing revirt365 import-collection FILE")
    assert result.exit_code == 1


@pytest.mark.usefixtures("without_contract")
def test_without_a_contract_file_the_night_of_the_others_is_whole(house: House) -> None:
    """Its streams are refused with the same line, on record; nothing is sent."""
    report = house.night(date(2026, 10, 15), vendor="revirt365")
    assert len(report.failures) == 3
    assert all("contract needed" in line for line in report.failures)
    assert house.night(date(2026, 10, 15), vendor="redstor", stream="products").failures == []
    sentences = [pull.reason for pull in house.landing.pulls(vendor="revirt365")]
    assert len(sentences) == 3
    assert "import-collection" in json.dumps(sentences)
