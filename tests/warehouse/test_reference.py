"""The user's tables: everything right, or every mistake named and nothing used."""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from warehouse.reference.dictionary import dictionary
from warehouse.reference.install import install
from warehouse.reference.loader import load_reference
from warehouse.reference.rows import ReferenceMistakes
from warehouse.reference.schema import TABLES

REFERENCE = Path(__file__).parents[2] / "warehouse" / "reference"

GOOD = {
    "billing_entity": [{"billing_entity_id": "us", "name": "Us", "country": "NL", "currency": "EUR",
                        "time_zone": "Europe/Amsterdam", "invoice_prefix": "US"}],
    "rate_card": [{"rate_card": "card", "name": "Card", "currency": "EUR"}],
    "tax_rate": [{"tax_code": "vat", "name": "VAT", "category": "S", "percent": "21",
                  "valid_from": "2020-01-01"}],
    "customer": [
        {"customer_id": "top", "name": "Top", "kind": "reseller", "bill_to": "self",
         "billing_entity_id": "us", "currency": "EUR", "rate_card": "card", "tax_code": "vat",
         "valid_from": "2020-01-01"},
        {"customer_id": "sub", "name": "Sub", "kind": "end_customer", "parent_customer_id": "top",
         "bill_to": "parent", "valid_from": "2020-01-01"},
    ],
    "sku": [{"sku": "gb", "name": "Storage", "service": "Backup", "unit": "GB"}],
    "meter": [{"vendor": "redstor", "product": "*", "meter": "protected_bytes", "sku": "gb",
               "aggregation": "peak", "divisor": "1000000000", "quantity_step": "0.001",
               "valid_from": "2020-01-01"}],
    "rate": [{"rate_card": "card", "sku": "gb", "model": "graduated", "tier_from": low, "tier_to": high,
              "unit_price": price, "valid_from": "2020-01-01"}
             for low, high, price in [("0", "100.5", "0.05"), ("100.5", "", "0.04")]],
    "account_mapping": [{"vendor": "redstor", "connection": "default", "account_id": "aa", "state": "mapped",
                         "customer_id": "sub", "valid_from": "2020-01-01"}],
}  # fmt: skip


def write(folder: Path, **changes: dict[str, str]) -> Path:
    """The good set with some rows changed: `customer_1={"name": ""}` is the second row of customer.csv."""
    for table in TABLES:
        with (folder / f"{table.name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, [column.name for column in table.columns])
            writer.writeheader()
            for n, row in enumerate(GOOD[table.name]):
                writer.writerow(row | changes.pop(f"{table.name}_{n}", {}))
            if added := changes.pop(f"{table.name}_more", None):
                writer.writerow(GOOD[table.name][-1] | added)
    assert not changes
    return folder


def mistakes(folder: Path) -> list[str]:
    with pytest.raises(ReferenceMistakes) as caught:
        load_reference(folder)
    return list(caught.value.lines)


def test_the_page_is_what_the_declaration_says() -> None:
    """README.md is generated, and is the newest."""
    assert (REFERENCE / "README.md").read_text(encoding="utf-8") == dictionary()


def test_the_sample_is_right() -> None:
    """Nobody's first look at the product is a mistake of ours."""
    rows = load_reference(REFERENCE / "sample")
    assert all(rows.values())


def test_cells_come_in_their_types(tmp_path: Path) -> None:
    """Decimals to the last digit, dates, whole numbers; empty is None."""
    rows = load_reference(write(tmp_path, rate_0={"unit_price": "0.050000001"}))
    assert rows["rate"][0]["unit_price"] == Decimal("0.050000001")
    assert rows["rate"][1]["tier_to"] is None
    assert rows["meter"][0]["divisor"] == 1_000_000_000
    assert rows["customer"][0]["valid_from"] == date(2020, 1, 1)
    with duckdb.connect() as connection:
        connection.execute("CREATE SCHEMA reference")
        install(connection, tmp_path)
        found = connection.execute(
            "SELECT unit_price, tier_to FROM reference.rate ORDER BY tier_from"
        ).fetchall()
        assert found == [(Decimal("0.050000001"), Decimal("100.500000")), (Decimal("0.040000000"), None)]
        units = dict(connection.execute("SELECT currency, minor_unit FROM reference.currency").fetchall())
        assert (units["JPY"], units["EUR"], units["KWD"]) == (1, Decimal("0.01"), Decimal("0.001"))


def test_columns_may_stand_in_any_order_and_blank_lines_are_nothing(tmp_path: Path) -> None:
    """A spreadsheet may have been at the file: byte order mark, moved column, blank line at the end."""
    write(tmp_path)
    (tmp_path / "rate_card.csv").write_text(
        "\ufeffcurrency,rate_card,name\nEUR,card,Card\n,,\n", encoding="utf-8"
    )
    assert load_reference(tmp_path)["rate_card"][0]["rate_card"] == "card"


def test_no_directory_is_an_error_and_an_empty_one_is_no_rows(tmp_path: Path) -> None:
    """A wrong path is not an empty reference."""
    with pytest.raises(FileNotFoundError, match=r"there is no reference directory at .*nowhere: create it"):
        load_reference(tmp_path / "nowhere")
    assert not any(load_reference(tmp_path).values())


CASES = {
    "sku_0 name": ({"name": ""}, "sku.csv line 2, name: is empty. Fill in text."),
    "rate_0 unit_price": (
        {"unit_price": "0,05"},
        "rate.csv line 2, unit_price: '0,05' is not a number with up to 9 decimals.",
    ),
    "rate_1 unit_price": ({"unit_price": "1e-3"}, "rate.csv line 3, unit_price: '1e-3' is not a number"),
    "rate_card_0 currency": (
        {"currency": "EUX"},
        "rate_card.csv line 2, currency: 'EUX' is not an ISO 4217 code.",
    ),
    "billing_entity_0 time_zone": (
        {"time_zone": "Europe/Nowhere"},
        "billing_entity.csv line 2, time_zone: 'Europe/Nowhere' is not an IANA time zone",
    ),
    "customer_0 valid_from": (
        {"valid_from": "2020-02-30"},
        "customer.csv line 2, valid_from: '2020-02-30' is not",
    ),
    "customer_0 kind": (
        {"kind": "friend"},
        "customer.csv line 2, kind: 'friend' is not one of `distributor`",
    ),
    "meter_0 quantity_step": ({"quantity_step": "0"}, "meter.csv line 2, quantity_step: is zero."),
    "meter_0 valid_from": (
        {"valid_from": "2020-01-15"},
        "meter.csv line 2, valid_from: 2020-01-15 is not the first",
    ),
    "meter_more aggregation": (
        {"product": "own", "aggregation": "last"},
        "meter.csv line 3, aggregation: differs from line 2, which feeds the same SKU from the same meter.",
    ),
    "customer_1 valid_to": (
        {"valid_to": "2020-01-01"},
        "customer.csv line 3, valid_to: 2020-01-01 is not after valid_from 2020-01-01.",
    ),
    "customer_1 parent_customer_id": (
        {"parent_customer_id": ""},
        "customer.csv line 3, parent_customer_id: is empty",
    ),
    "customer_0 parent_customer_id": (
        {"parent_customer_id": "sub"},
        "customer.csv line 2, parent_customer_id: 'top' is its own ancestor.",
    ),
    "customer_0 tax_code": (
        {"tax_code": ""},
        "customer.csv line 2, tax_code: is empty, but the customer gets its own",
    ),
    "tax_rate_0 valid_to": (
        {"valid_to": "2030-01-01"},
        "customer.csv line 2, tax_code: 'vat' has no rate on 2030-01-01, when",
    ),
    "customer_0 currency": (
        {"currency": "GBP"},
        "customer.csv line 2, rate_card: 'card' is in EUR, its invoices are in GBP.",
    ),
    "customer_more valid_from": (
        {"valid_from": "2021-01-01"},
        "customer.csv line 4, customer_id: sub stands on line 3 too on the same days.",
    ),
    "account_mapping_0 customer_id": (
        {"customer_id": "nobody"},
        "account_mapping.csv line 2, customer_id: 'nobody' is not in customer.csv.",
    ),
    "account_mapping_0 state": (
        {"state": "excluded"},
        "account_mapping.csv line 2, reason: is empty, but the account",
    ),
    "rate_1 tier_from": (
        {"tier_from": "100"},
        "rate.csv line 3, tier_from: 100 is not where the tier below ends",
    ),
    "rate_1 tier_to": ({"tier_to": "200"}, "rate.csv line 3, tier_to: the last tier has an end."),
    "rate_1 model": (
        {"model": "volume"},
        "rate.csv line 3, model: differs from line 2, another tier of the same",
    ),
    "rate_more valid_from": (
        {"valid_from": "2021-01-01", "tier_from": "0"},
        "rate.csv line 4, valid_from: the price on line 2 holds on the same days.",
    ),
    "tax_rate_0 category": ({"category": "AE"}, "tax_rate.csv line 2, percent: 21 in category AE."),
}


@pytest.mark.parametrize("case", CASES)
def test_a_mistake_is_named_with_file_line_column_and_remedy(tmp_path: Path, case: str) -> None:
    """And it keeps the whole reference from being used."""
    changed, (cells, expected) = case.partition(" ")[0], CASES[case]
    found = mistakes(write(tmp_path, **{changed: cells}))
    assert any(line.startswith(expected) for line in found), found
    assert all(line.count(". ") >= 1 and line.endswith(".") for line in found)


def test_all_mistakes_of_all_files_come_at_once(tmp_path: Path) -> None:
    """One reading tells them all, by file and line; a file's own mistakes raise no others elsewhere."""
    write(tmp_path, sku_0={"name": ""}, customer_1={"kind": "friend"}, rate_0={"unit_price": "free"})
    (tmp_path / "rates.csv").write_text("a,b\n")
    (tmp_path / "meter.csv").write_text("vendor,metre\n")
    (tmp_path / "tax_rate.csv").write_bytes(b"\xff\xfe")
    assert [line.split(":")[0] for line in mistakes(tmp_path)] == [
        "customer.csv line 3, kind",
        "meter.csv line 1",
        "rate.csv line 2, unit_price",
        "rates.csv",
        "sku.csv line 2, name",
        "tax_rate.csv",
    ]
