"""What finance asks the command line: why revenue moved, and what is left of it."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner

from connectors.clock import VARIABLE
from pipelines.cli import app
from tests.reconciliation.bridged import bridge
from tests.warehouse.invoiced import NOVEMBER, OCTOBER, Books
from warehouse import publish
from warehouse.build import FILE, create
from warehouse.query import query
from warehouse.reconciliation.margins import GROUPS, margin_lines, margins
from warehouse.reconciliation.movements import PARTS, movers, totals

D = Decimal


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two months of a reseller with a customer, and of a direct customer."""
    monkeypatch.setenv(VARIABLE, "2026-12-01T09:00:00Z")
    monkeypatch.setenv("BACKUP_BILLING_HOME", str(tmp_path))
    with publish.rewrite(tmp_path / FILE, fresh=True) as connection:
        create(connection, None)
        book = Books(connection)
        for month, more in ((OCTOBER, 0), (NOVEMBER, 1)):
            book.land(month)
            book.terms(month, "reseller", "direct")
            for customer in ("reseller", "below"):
                use = {"customer_id": customer, "billed_customer_id": "reseller", "unit_price": D("0.333")}
                quantity = 100 + 10 * more
                use |= {"quantity": D(quantity), "rate_card": "card", "cost_amount": D(20)}
                book.charge(month, customer, D("0.333") * quantity, **use)
            book.charge(month, "direct", D("50.005") - 9 * more, sku="book", cost_amount=D("10.004"))
            book.charge(month, "direct", 30, kind="contract", sku="")
            book.charge(month, "direct", 0, sku="gb", cost_amount=D("0.5"), tier_no=2)
        book.charge(NOVEMBER, "direct", 5, sku="gb")
        for vendor, sku in (("acme", "gb"), ("zeta", "gb"), ("acme", "book")):
            for month in (OCTOBER, NOVEMBER):
                book.connection.execute(
                    "INSERT INTO billing.usage_record BY NAME SELECT ? AS usage_record_id, ? AS month, "
                    "? AS vendor, ? AS sku, 'default' AS connection, 'm' AS meter, '' AS dimension, "
                    "true AS billable, 'sum' AS aggregation, 30 AS days_expected, 30 AS days_reported, "
                    "0 AS days_filled, 'carry' AS gap_policy, 1 AS readings, 1 AS owner, "
                    "false AS on_trial, 1 AS sold",
                    [f"{vendor}{sku}{month}", month, vendor, sku],
                )
        book.build(OCTOBER, NOVEMBER)
        bridge(book, OCTOBER, NOVEMBER)
    return tmp_path


def said(*words: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, list(words))
    assert result.exit_code == code, result.output
    return result.output


def test_a_bridge_adds_up_as_it_is_printed(home: Path) -> None:
    """In cents, for all and for each customer; what cents take or give stands in a column of its own."""
    for answer in (
        totals(home / FILE, NOVEMBER),
        movers(home / FILE, NOVEMBER),
        movers(home / FILE, NOVEMBER, "reseller"),
    ):
        for row in answer.rows:
            told = dict(zip(answer.columns, row, strict=True))
            explained = sum(told[part] for part in (*PARTS, "rounding"))
            assert told["last_month"] + explained == told["this_month"]
            assert abs(told["rounding"]) < D("0.05")


def test_a_bridge_says_what_moved(home: Path) -> None:
    """By billed customer, the largest change first; of one customer by SKU, also when another is billed."""
    answer = movers(home / FILE, NOVEMBER)
    place = [answer.columns.index(name) for name in ("customer", "volume", "new")]
    assert [[row[n] for n in place] for row in answer.rows] == [
        ["reseller", D("6.66"), D("0.00")],
        ["direct", D("-9.00"), D("5.00")],
    ]
    below = movers(home / FILE, NOVEMBER, "below")
    assert [row[:3] for row in below.rows] == [("reseller", "below", "gb")]


def test_the_command_bridge(home: Path) -> None:
    """The totals and the movers of the last full month; a customer that nothing was billed to is refused."""
    shown = said("bridge")
    assert "November 2026 against the month before" in shown
    assert all(word in shown for word in ("Largest movers", "reseller", "direct", "146.61", "149.27")), shown
    assert "By SKU of below" in said("bridge", "--month", "2026-11", "--customer", "below")
    assert "nothing was billed to nobody" in said("bridge", "--customer", "nobody", code=1)


def test_margins_agree_with_the_lines_they_are_of(home: Path) -> None:
    """Whatever they are added up by: revenue, cost and margin of billing.margin, and of the lines."""
    ((revenue, cost),) = query(
        home / FILE, "SELECT sum(revenue), sum(cost) FROM billing.margin WHERE month = ?", [OCTOBER]
    ).rows
    assert (revenue, cost) == (D("146.61"), D("50.504"))
    for by in GROUPS:
        answer = margins(home / FILE, by, OCTOBER)
        place = {name: n for n, name in enumerate(answer.columns)}
        assert sum(row[place["revenue"]] for row in answer.rows) == revenue
        assert abs(sum(row[place["cost"]] for row in answer.rows) - cost) < D("0.02")
    lines = margin_lines(home / FILE, OCTOBER)
    place = {name: n for n, name in enumerate(lines.columns)}
    assert sum(row[place["revenue"]] for row in lines.rows) == revenue
    exact = query(
        home / FILE,
        "SELECT sum(revenue), sum(cost), sum(margin) FROM billing.margin_line WHERE month = ?",
        [OCTOBER],
    ).rows
    assert exact == [(revenue, cost, revenue - cost)]


def test_a_margin_is_drilled_down_to_its_lines(home: Path) -> None:
    """Free usage has a line; a vendor that supplies a SKU beside another is found too."""
    lines = margin_lines(home / FILE, OCTOBER, customer="direct")
    place = [lines.columns.index(name) for name in ("document", "SKU", "revenue", "cost", "percent")]
    assert [tuple(row[n] for n in place) for row in lines.rows] == [
        ("", "gb", D(0), D("0.50"), None),
        ("draft", "book", D("50.01"), D(10), D("80.0")),
        ("draft", "", D(30), D(0), D(100)),
    ]
    assert {row[5] for row in margin_lines(home / FILE, OCTOBER, vendor="zeta").rows} == {"gb"}
    assert {row[5] for row in margin_lines(home / FILE, OCTOBER, sku="book").rows} == {"book"}


def test_the_command_margin(home: Path) -> None:
    """A cost that is not known leaves the margin open, and says of how much revenue."""
    by_sku = said("margin", "--month", "2026-11", "--by", "sku")
    assert "Margin of November 2026" in by_sku
    assert "5.00" in by_sku
    assert {row[0] for row in margins(home / FILE, "month").rows} == {"2026-10", "2026-11"}
    assert "Margin by month" in said("margin", "--by", "month")
    assert "Handbook" not in said("margin", "--by", "vendor", "--customer", "below")
    assert "Usage that is charged" in said("margin", "--month", "2026-10", "--customer", "direct", "--lines")
    assert "--by is 'week'; there are customer, vendor, sku, month" in said("margin", "--by", "week", code=2)
    assert "Nothing was billed." in said("margin", "--customer", "nobody")
