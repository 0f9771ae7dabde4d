"""The user's tables: everything right, or every mistake named and nothing used."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from reference_set import mistakes, write

from warehouse.reference.dictionary import dictionary
from warehouse.reference.install import install
from warehouse.reference.install import write as write_tables
from warehouse.reference.loader import load_reference
from warehouse.reference.rows import Row

REFERENCE = Path(__file__).parents[2] / "warehouse" / "reference"


def test_the_page_is_what_the_declaration_says() -> None:
    """README.md is generated, and is the newest."""
    assert (REFERENCE / "README.md").read_text(encoding="utf-8") == dictionary()


def test_the_sample_is_right() -> None:
    """Nobody's first look at the product is a mistake of ours."""
    rows = load_reference(REFERENCE / "sample")
    assert all(rows.values())


def test_cells_come_in_their_types(tmp_path: Path) -> None:
    """Decimals to the last digit, dates, whole numbers; empty is None, or the column's default."""
    rows = load_reference(write(tmp_path, rate_0={"unit_price": "0.050000001"}))
    assert rows["rate"][0]["unit_price"] == Decimal("0.050000001")
    assert rows["rate"][1]["tier_to"] is None
    assert (rows["rate"][1]["customer_id"], rows["rate"][1]["included"]) == ("", Decimal(0))
    assert rows["billing_entity"][0]["payment_days"] == 30
    assert rows["customer"][0]["valid_from"] == date(2020, 1, 1)


def installed(*sources: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("CREATE SCHEMA reference")
    for source in sources:
        install(connection, source)
    return connection


def test_the_warehouse_holds_what_the_files_say(tmp_path: Path) -> None:
    """Exactly, defaults filled in; with the units and currencies of the world."""
    with installed(write(tmp_path, rate_0={"unit_price": "0.050000001"})) as connection:
        found = connection.execute(
            "SELECT unit_price, tier_to, customer_id, proration FROM reference.rate WHERE sku = 'gb' "
            "AND rate_card = 'card' ORDER BY tier_from"
        ).fetchall()
        assert found == [
            (Decimal("0.050000001"), Decimal("100.500000"), "", "actual"),
            (Decimal("0.040000000"), None, "", "actual"),
        ]
        units = dict(connection.execute("SELECT currency, minor_unit FROM reference.currency").fetchall())
        assert (units["JPY"], units["EUR"], units["KWD"]) == (1, Decimal("0.01"), Decimal("0.001"))
        sizes = {
            unit: (kind, size)
            for unit, kind, size in connection.execute(
                "SELECT unit, kind, size FROM reference.unit"
            ).fetchall()
        }
        assert (sizes["GB"], sizes["GiB"]) == (("storage", 10**9), ("storage", 2**30))
        assert sizes["seats"] == ("seats", 1)


def test_rows_from_elsewhere_need_only_what_they_say() -> None:
    """Cells that a row lacks are empty ones: the default, or null."""
    with installed() as connection:
        write_tables(connection, {"sku": [Row(1, {"sku": "s", "name": "S", "service": "B", "unit": "GB"})]})
        assert connection.execute("SELECT * FROM reference.sku").fetchall() == [
            ("s", "S", "B", "GB", Decimal("0.000001"), "half", "standard")
        ]


def test_columns_may_stand_in_any_order_and_blank_lines_are_nothing(tmp_path: Path) -> None:
    """A spreadsheet may have been at the file: byte order mark, moved column, blank line at the end."""
    write(tmp_path)
    (tmp_path / "rate_card.csv").write_text(
        "\ufeffcurrency,rate_card,side,name\nEUR,card,,Card\nUSD,cost,cost,Cost\n,,,\n", encoding="utf-8"
    )
    assert [row["rate_card"] for row in load_reference(tmp_path)["rate_card"]] == ["card", "cost"]


def test_a_column_that_is_not_needed_may_be_left_out(tmp_path: Path) -> None:
    """Its cells are empty ones. One that is needed, or that nobody knows, is a mistake."""
    write(tmp_path)
    (tmp_path / "discount.csv").write_text(
        "customer_id,discount_id,sku,percent,reason,valid_from\ntop,d,*,5,Loyal,2020-01-01\n"
    )
    assert load_reference(tmp_path)["discount"][0]["valid_to"] is None
    (tmp_path / "discount.csv").write_text("customer_id,discount_id,sku,percent,valid_form,sku\n")
    (found,) = mistakes(tmp_path)
    assert found == (
        "discount.csv line 1: the header lacks reason, valid_from; has the unknown valid_form; repeats sku. "
        "Make it: customer_id,discount_id,sku,percent,reason,valid_from,valid_to."
    )


def test_no_directory_is_an_error_and_an_empty_one_is_no_rows(tmp_path: Path) -> None:
    """A wrong path is not an empty reference."""
    with pytest.raises(FileNotFoundError, match=r"there is no reference directory at .*nowhere: create it"):
        load_reference(tmp_path / "nowhere")
    assert not any(load_reference(tmp_path).values())


def test_all_mistakes_of_all_files_come_at_once(tmp_path: Path) -> None:
    """One reading tells them all, by file and line; a file's own mistakes raise no others elsewhere."""
    write(tmp_path, sku_0={"name": ""}, customer_1={"kind": "friend"}, rate_0={"unit_price": "free"})
    (tmp_path / "rates.csv").write_text("a,b\n")
    (tmp_path / "meter.csv").write_text("vendor,metre\n")
    (tmp_path / "contract.csv").write_text('contract_id,customer_id,name,valid_from\n"k"x,top,A,2025-01-01\n')
    (tmp_path / "tax_rate.csv").write_bytes(b"\xff\xfe")
    (tmp_path / "fx_rate.csv").write_text("")
    assert [line.split(":")[0] for line in mistakes(tmp_path)] == [
        "contract.csv line 2",
        "customer.csv line 3, kind",
        "fx_rate.csv line 1",
        "meter.csv line 1",
        "rate.csv line 2, unit_price",
        "rates.csv",
        "sku.csv line 2, name",
        "tax_rate.csv",
    ]
