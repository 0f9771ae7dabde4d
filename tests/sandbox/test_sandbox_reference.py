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


def test_an_excluded_account_says_why():
    """Our own backups and a demonstration tenant are metered and never billed."""
    excluded = [r for r in reference_tables(World())["account_mapping"] if r["state"] == "excluded"]
    assert {row["reason"] for row in excluded} == {"Our own backups", "Demonstration tenant"}
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
    sold = {row["sku"] for row in tables["meter"]}
    for card in tables["rate_card"]:
        priced = {row["sku"] for row in tables["rate"] if row["rate_card"] == card["rate_card"]}
        assert priced == sold == {row["sku"] for row in tables["sku"]}
    assert {row["model"] for row in tables["rate"]} == {"flat", "per_unit", "graduated", "volume"}
    assert all(Decimal(row["unit_price"]) > 0 for row in tables["rate"])
