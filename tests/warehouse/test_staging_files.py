"""Files in the canonical tables: readings and invoice lines of whichever vendor they speak for."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from landed import land

from tests.warehouse.staged import built

DAY = date(2026, 10, 31)
SEATS = {
    "for_vendor": "revirt365",
    "for_connection": "default",
    "account_id": "c1",
    "resource_id": "c1",
    "product": "backup365",
    "meter": "active_seats",
    "quantity": Decimal(12),
    "unit": "seats",
    "file_row": 2,
}


def test_a_reading_of_a_file_is_staged_for_the_vendor_it_speaks_for(tmp_path: Path) -> None:
    """Its quality says that somebody brought it; its pull leads to the file."""
    pull = land(tmp_path, "files/usage", DAY, [SEATS])
    sql = (
        "SELECT vendor, connection, account_id, product, meter, usage_date, quantity, unit, quality, pull_id "
        "FROM staging.usage_snapshot"
    )
    reading = ("revirt365", "default", "c1", "backup365", "active_seats", DAY, Decimal(12), "seats", "manual")
    assert built(tmp_path, sql) == [(*reading, pull.pull_id)]


def test_a_day_that_the_stream_landed_itself_counts_and_not_the_file(tmp_path: Path) -> None:
    """The file stands in for it, and for it alone."""
    land(tmp_path, "files/usage", DAY, [{**SEATS, "stands_in_for": "usage"}])
    land(tmp_path, "revirt365/usage", DAY, [{"account_id": "c1", "active_seats": 13}])
    sql = "SELECT quantity, quality FROM staging.usage_snapshot"
    assert built(tmp_path, sql) == [(Decimal(13), "reported")]


@pytest.mark.parametrize(("pages", "staged"), [(0, [(Decimal(12), "manual")]), (1, [])])
def test_a_day_of_which_the_stream_was_not_asked_is_the_files(
    tmp_path: Path, pages: int, staged: list[tuple[Decimal, str]]
) -> None:
    """A stream that is not offered has a pull without an answer; an answer without rows says: nothing."""
    land(tmp_path, "files/usage", DAY, [{**SEATS, "stands_in_for": "usage"}])
    land(tmp_path, "revirt365/usage", DAY, [], pages=pages)
    assert built(tmp_path, "SELECT quantity, quality FROM staging.usage_snapshot") == staged


def test_a_reading_beside_another_is_a_problem(tmp_path: Path) -> None:
    """Both would be billed."""
    land(tmp_path, "files/usage", DAY, [SEATS])
    land(tmp_path, "revirt365/usage", DAY, [{"account_id": "c1", "active_seats": 13}])
    sql = "SELECT subject FROM ops.open_problem WHERE kind = 'reading twice'"
    assert built(tmp_path, sql) == [("c1 active_seats",)]


def test_a_file_that_did_not_come_is_no_missing_pull(tmp_path: Path) -> None:
    """Nobody was asked for it."""
    land(tmp_path, "files/usage", date(2026, 10, 1), [SEATS])
    land(tmp_path, "revirt365/customers", DAY, [{"account_id": "c1"}])
    assert built(tmp_path, "SELECT stream FROM ops.open_problem WHERE kind = 'pull missing'") == []


def test_an_invoice_line_is_a_transaction(tmp_path: Path) -> None:
    """As it stands on the invoice, at the beginning of its day."""
    land(
        tmp_path,
        "files/invoices",
        DAY,
        [
            {
                "for_vendor": "xopero",
                "for_connection": "emea",
                "transaction_id": "R-1/2",
                "invoice_number": "R-1",
                "occurred_on": date(2026, 10, 30),
                "product": "Backup",
                "currency": "EUR",
                "amount": Decimal("-10.1234"),
                "tax_amount": Decimal("1.9"),
                "file_row": 2,
            }
        ],
    )
    sql = (
        "SELECT vendor, connection, transaction_id, occurred_at, kind, product, currency, amount, "
        "tax_amount, usage_date FROM staging.vendor_transaction"
    )
    assert built(tmp_path, sql) == [
        (
            "xopero",
            "emea",
            "R-1/2",
            datetime(2026, 10, 30, tzinfo=UTC),
            "invoice_line",
            "Backup",
            "EUR",
            Decimal("-10.1234"),
            Decimal("1.9"),
            DAY,
        )
    ]
