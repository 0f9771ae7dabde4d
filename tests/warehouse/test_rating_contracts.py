"""Contract items, discounts and commitments by hand."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.warehouse.shop import DECEMBER, MIDDLE, NOVEMBER, OCTOBER, Shop


def contract(shop: Shop, **item: Any) -> None:
    shop.has("contract", contract_id="k", customer_id="bob", name="Gold", valid_from=OCTOBER)
    shop.has(
        "contract_item",
        **{
            "contract_id": "k",
            "item_id": "i",
            "sku": "care",
            "quantity": "3",
            "unit_price": "31",
            "valid_from": OCTOBER,
            **item,
        },
    )


ITEMS = (
    "SELECT month, service_period_start, exact_amount FROM billing.charge WHERE kind = 'contract' "
    "ORDER BY month, service_period_start"
)


def test_in_arrears_the_month_stands_on_its_own_invoice(shop: Shop) -> None:
    """Whatever is used, on the invoice of whoever is billed."""
    contract(shop)
    assert shop.ask(ITEMS, OCTOBER, NOVEMBER) == [(OCTOBER, OCTOBER, "93"), (NOVEMBER, NOVEMBER, "93")]
    columns = "billed_customer_id, customer_id, description, rule, contract_id"
    assert shop.ask(f"SELECT {columns} FROM billing.charge WHERE month = DATE '{OCTOBER}'") == [
        ("ann", "bob", "Gold, Care, Bob", "contract: 3 GB at 31 EUR a month", "k")
    ]


def test_in_advance_the_month_stands_on_the_invoice_before(shop: Shop) -> None:
    """The first invoice has two months, the last but one the last of them, prorated."""
    contract(shop, billed="advance", valid_to=date(2026, 12, 11), valid_from=MIDDLE)
    assert shop.ask(ITEMS, OCTOBER, NOVEMBER, DECEMBER) == [
        (OCTOBER, MIDDLE, "48"),
        (OCTOBER, NOVEMBER, "93"),
        (NOVEMBER, DECEMBER, "30"),
    ]


@pytest.mark.parametrize(
    ("proration", "amount"),
    [("actual", "48"), ("thirty", "46.5"), ("exact", "48.060402684563758"), ("none", "93")],
)
def test_a_month_held_in_part_is_prorated(shop: Shop, proration: str, amount: str) -> None:
    """16 of 31 days, 15 of 30, 385 of 745 hours, or all of it."""
    contract(shop, proration=proration, valid_from=MIDDLE)
    assert shop.ask(ITEMS) == [(OCTOBER, OCTOBER if proration == "none" else MIDDLE, amount)]


def test_a_contract_with_a_new_name_is_no_second_contract(shop: Shop) -> None:
    """Its latest row says whose it is and what it is called."""
    contract(shop)
    shop.reference["contract"][0]["valid_to"] = MIDDLE
    shop.has("contract", contract_id="k", customer_id="ann", name="Platinum", valid_from=MIDDLE)
    assert shop.charges("customer_id, description, exact_amount") == [("ann", "Platinum, Care", "93")]


def test_discounts_are_each_taken_of_the_same_charges(shop: Shop) -> None:
    """Of usage, minimum and contract, SKU by SKU, of all on the invoice; that of a SKU of it alone."""
    contract(shop)
    shop.price(unit_price="1", minimum="50")
    shop.used("30", customer="bob")
    loyal = {"customer_id": "ann", "reason": "Loyalty"}
    shop.has("discount", **loyal, discount_id="all", sku="*", percent="10")
    shop.has("discount", **loyal, discount_id="disk", sku="disk", percent="20")
    shop.has("discount", **loyal, discount_id="over", sku="*", percent="90", valid_to=date(2026, 10, 31))
    found = shop.ask(
        "SELECT customer_id, sku, exact_amount, description, rule FROM billing.charge "
        "WHERE kind = 'discount' ORDER BY ALL"
    )
    assert found == [
        ("ann", "care", "-9.3", "Loyalty, 10 % off Care", "discount all: 10 % of 93 EUR"),
        ("ann", "disk", "-10", "Loyalty, 20 % off Disk", "discount disk: 20 % of 50 EUR"),
        ("ann", "disk", "-5", "Loyalty, 10 % off Disk", "discount all: 10 % of 50 EUR"),
    ]


MISSING = (
    "SELECT month, sku, exact_amount, service_period_start, service_period_end FROM billing.charge "
    "WHERE kind = 'commitment' ORDER BY ALL"
)


def test_a_commitment_of_a_month_makes_up_what_is_missing(shop: Shop) -> None:
    """After discounts; in full in a month that it holds in part; nothing where enough is charged."""
    contract(shop)
    shop.price(unit_price="1")
    shop.used("30")
    shop.has("discount", customer_id="ann", discount_id="d", sku="disk", percent="50", reason="Loyalty")
    month = {"contract_id": "k", "period": "month", "valid_from": OCTOBER}
    shop.has("commitment", **month, commitment_id="all", sku="*", amount="200", valid_to=date(2026, 11, 2))
    shop.has("commitment", **month, commitment_id="disk", sku="disk", amount="15")
    assert shop.ask(MISSING, OCTOBER, NOVEMBER) == [
        (OCTOBER, "", "92", OCTOBER, NOVEMBER),
        (NOVEMBER, "", "107", NOVEMBER, DECEMBER),
        (NOVEMBER, "disk", "15", NOVEMBER, DECEMBER),
    ]


def test_a_commitment_over_a_term_is_settled_where_it_ends(shop: Shop) -> None:
    """Over all its invoices, rated at once or one after the other."""
    contract(shop)
    term = {"contract_id": "k", "period": "term", "valid_from": OCTOBER, "valid_to": date(2027, 1, 1)}
    shop.has("commitment", **term, commitment_id="term", sku="*", amount="300")
    expected = [(DECEMBER, "", "21", OCTOBER, date(2027, 1, 1))]
    assert shop.ask(MISSING, OCTOBER, NOVEMBER, DECEMBER) == expected
    shop.connection.execute("DELETE FROM billing.charge")
    for month in (OCTOBER, NOVEMBER, DECEMBER):
        found = shop.ask(MISSING, month)
    assert found == expected


def test_a_contract_of_a_customer_without_terms_is_told(shop: Shop) -> None:
    """It would be charged to nobody."""
    contract(shop)
    shop.reference["contract"][0]["customer_id"] = "eve"
    assert shop.ask("SELECT contract_id, reason FROM billing.uncharged_usage") == [("k", "no terms")]
