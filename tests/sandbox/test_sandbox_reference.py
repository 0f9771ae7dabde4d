"""The sample reference tables are the ones of the default world, and leave no account unmapped."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from connectors.sandbox.reference import reference_tables, write_reference
from connectors.sandbox.world import World
from warehouse.reference.loader import load_reference
from warehouse.reference.schema import TABLES

SAMPLE = Path(__file__).parents[2] / "warehouse" / "reference" / "sample"


def test_the_sample_is_the_default_worlds(tmp_path):
    """Mend with `write_reference(World(), Path("warehouse/reference/sample"))`."""
    write_reference(World(), tmp_path)
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == {
        p.name: p.read_bytes() for p in SAMPLE.glob("*.csv")
    }


@pytest.mark.parametrize("size", [1, 200])
def test_the_tables_load_without_a_mistake(tmp_path, size):
    """Every table is there, and every rule between them holds."""
    write_reference(World(size), tmp_path)
    rows = load_reference(tmp_path)
    assert all(rows[table.name] for table in TABLES)


def test_every_vendor_account_is_mapped_or_excluded():
    """In any month, at every vendor."""
    world = World()
    mapped = {(row["vendor"], row["account_id"]) for row in reference_tables(world)["account_mapping"]}
    for day in (date(2025, 1, 1), date(2026, 10, 31), date(2028, 12, 31)):
        assert {(row.vendor, row.account_id) for row in world.truth_accounts(day)} <= mapped
        assert {(row.vendor, row.account_id) for row in world.truth(day)} <= mapped


def test_customers_of_several_vendors_are_one_customer():
    """Their accounts at up to five vendors go on one invoice."""
    vendors = {}
    for row in reference_tables(World())["account_mapping"]:
        vendors.setdefault(row["customer_id"], []).append(row["vendor"])
    assert sorted(vendors["C-000001"]) == ["infrascale", "redstor", "resellerclub", "revirt365", "xopero"]
    assert {len(used) for code, used in vendors.items() if code.startswith("C-")} == {1, 2, 3, 4, 5}


def test_an_excluded_account_says_why_and_until_when():
    """Our own backups and a demonstration tenant are metered and never billed, until someone looks again."""
    excluded = [r for r in reference_tables(World())["account_mapping"] if r["state"] == "excluded"]
    assert {row["reason"] for row in excluded} == {"Our own backups", "Demonstration tenant"}
    assert all(row["valid_to"] for row in excluded)
    assert not any(row["customer_id"] for row in excluded)


def test_a_customer_that_moves_has_both_resellers_in_turn():
    """The first row ends where the second begins."""
    rows = reference_tables(World())["customer"]
    moved = [row for row in rows if row["valid_to"]]
    for row in moved:
        later = next(
            r for r in rows if r["customer_id"] == row["customer_id"] and r["valid_from"] == row["valid_to"]
        )
        assert later["parent_customer_id"] != row["parent_customer_id"]
    assert moved


def test_every_meter_that_is_sold_has_a_price_in_every_currency():
    """A SKU without a price would be free."""
    tables = reference_tables(World())
    sold = {row["sku"] for row in tables["sku_mapping"]}
    for card in tables["rate_card"]:
        priced = {row["sku"] for row in tables["rate"] if row["rate_card"] == card["rate_card"]}
        assert priced >= sold or card["side"] == "cost"
    assert all(Decimal(row["unit_price"] or "1") > 0 for row in tables["rate"])


def test_every_reading_of_a_sold_meter_is_in_the_meters_unit():
    """The unit that is declared is the one that is staged."""
    units = {(row["vendor"], row["meter"]): row["unit"] for row in reference_tables(World())["meter"]}
    read = {(row.vendor, row.meter): row.unit for row in World().truth(date(2026, 10, 31))}
    assert units.items() <= read.items()


def test_every_sale_has_its_cost():
    """What a vendor's meter is sold as stands on the vendor's cost card, in dollars or euro."""
    tables = reference_tables(World())
    cards = {row["vendor"]: row["rate_card"] for row in tables["vendor_terms"]}
    costs = {(row["rate_card"], row["sku"]) for row in tables["rate"]}
    assert cards.keys() == {"infrascale", "redstor", "xopero", "resellerclub", "revirt365"}
    assert {(cards[row["vendor"]], row["sku"]) for row in tables["sku_mapping"]} <= costs
    assert {row["currency"] for row in tables["rate_card"] if row["side"] == "cost"} == {"EUR", "USD"}


def test_every_month_has_its_exchange_rates():
    """From each currency of a price to that of each invoice, on the last day of any month."""
    tables = reference_tables(World())
    invoiced = {row["currency"] for row in tables["customer"]} - {""}
    for last in (date(2024, 1, 31), date(2026, 9, 30), date(2028, 12, 31)):
        held = {
            (row["from_currency"], row["to_currency"])
            for row in tables["fx_rate"]
            if row["valid_from"] <= last.isoformat() < row["valid_to"]
        }
        assert {(cost, to) for cost in ("EUR", "USD") for to in invoiced if cost != to} == held


def test_the_sample_shows_what_can_be_agreed():
    """Most models, both ways to bill an item, both commitments, an override, a dimension, a pool."""
    tables = reference_tables(World(1))
    found = {
        (table, column): {row[column] for row in tables[table]}
        for table, column in [
            ("rate", "model"),
            ("rate", "customer_id"),
            ("rate", "dimension"),
            ("rate", "pooled"),
            ("contract_item", "billed"),
            ("commitment", "period"),
            ("tax_rate", "category"),
            ("meter", "gap_policy"),
        ]
    }
    assert found == {
        ("rate", "model"): {
            "flat", "per_unit", "graduated", "volume", "package", "percentage", "cost_plus",
        },
        ("rate", "customer_id"): {"", "R-0001", "R-0002"},
        ("rate", "dimension"): {"", "asia"},
        ("rate", "pooled"): {"", "yes"},
        ("contract_item", "billed"): {"arrears", "advance"},
        ("commitment", "period"): {"month", "term"},
        ("tax_rate", "category"): {"S", "Z", "AE", "O"},
        ("meter", "gap_policy"): {"fail", "carry", "zero", "interpolate"},
    }  # fmt: skip
