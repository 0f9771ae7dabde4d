"""Prices, margins and commitments against what was agreed: each finding with its money."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.reconciliation.sold import Sold
from tests.warehouse.invoiced import NOVEMBER, OCTOBER
from tests.warehouse.shop import MIDDLE

PRICE, MARGIN, COMMITMENT = "price_not_as_agreed", "margin_below_floor", "commitment"


def test_a_price_that_changed_by_a_new_row_is_no_finding(shop: Sold) -> None:
    """From one month to the next, and inside one."""
    shop.price(unit_price="0.5", valid_to=MIDDLE)
    shop.price(unit_price="0.6", valid_from=MIDDLE, valid_to=NOVEMBER)
    shop.price(unit_price="0.7", valid_from=NOVEMBER)
    shop.used("100")
    shop.used("100", month=NOVEMBER)
    shop.bill()
    assert shop.finds(PRICE) == []


def test_a_price_edited_in_place_after_it_was_billed_is_found(shop: Sold) -> None:
    """100 were issued at 0.5; the row says 0.6 now, and nothing else was learned since."""
    shop.price(unit_price="0.5")
    shop.used("100")
    shop.bill()
    shop.issue(OCTOBER)
    shop.alter("DELETE FROM reference.version")
    shop.alter("UPDATE reference.rate SET unit_price = 0.6")
    shop.alter("UPDATE billing.tier_in_force SET unit_price = 0.6")
    assert shop.finds(PRICE) == [("R-26", "leak", 10, "10")]


def test_a_price_edited_in_place_is_told_until_it_is_made_up_for(shop: Sold) -> None:
    """A build takes the new price, and books the difference on the next invoice."""
    shop.price(unit_price="0.5")
    shop.used("100")
    shop.bill()
    shop.issue(OCTOBER)
    shop.reference["rate"][0]["unit_price"] *= 2
    shop.bill()
    assert shop.connection.execute("SELECT exact_amount FROM billing.correction").fetchall() == [(50,)]
    assert shop.finds(PRICE) == [("R-26", "leak", 10, "50")]
    assert shop.finds("billed_otherwise_than_used") == []
    shop.issue(NOVEMBER)
    assert shop.finds(PRICE) == []


@pytest.mark.parametrize(
    ("price", "direction", "amount"), [("0.6", "over_bill", "10"), ("0.45", "leak", "5")]
)
def test_a_line_at_a_price_that_no_list_has_is_found(
    shop: Sold, price: str, direction: str, amount: str
) -> None:
    """Of 100 at 0.5; its quantity is right."""
    shop.price(unit_price="0.5")
    shop.used("100")
    shop.bill()
    shop.recharge(f"unit_price = {price}, exact_amount = 100 * {price}")
    assert shop.finds(PRICE) == [("R-26", direction, 10, amount)]
    assert shop.finds("billed_otherwise_than_used") == []


def test_the_list_price_in_place_of_the_customers_own_is_found(shop: Sold) -> None:
    """0.5 instead of 0.4, for 100."""
    shop.price(unit_price="0.5")
    shop.price(unit_price="0.4", customer_id="ann")
    shop.used("100")
    shop.bill()
    assert shop.finds(PRICE) == []
    shop.recharge("unit_price = 0.5, exact_amount = 50")
    assert shop.finds(PRICE) == [("R-30", "over_bill", 10, "10")]


def test_usage_at_a_price_of_zero_is_worth_the_list_price(shop: Sold) -> None:
    """Nobody meant to give 100 away that cost 0.5 each."""
    shop.price(unit_price="0.5")
    shop.price(unit_price="0", customer_id="ann")
    shop.used("100")
    shop.bill()
    assert shop.finds(PRICE) == [("R-30", "leak", 10, "50")]


def test_what_is_given_away_on_purpose_is_no_finding(shop: Sold) -> None:
    """Included units, a first tier at nothing, a minimum in place of a price."""
    shop.price("disk", unit_price="0.5", included="200")
    shop.price("tape", "graduated", unit_price="0", tier_to="200")
    shop.price("tape", "graduated", unit_price="0.3", tier_from="200")
    shop.price("care", unit_price="0", minimum="9")
    for sku in ("disk", "tape", "care"):
        shop.used("100", sku)
    shop.bill()
    assert [finding for check in (PRICE, COMMITMENT) for finding in shop.finds(check)] == []


def sold_at_cost(shop: Sold, floor: str) -> None:
    """100 at 0.5 that cost 45, and 10 at 10 that cost nothing to speak of."""
    shop.reference["billing_entity"][0]["margin_floor"] = Decimal(floor)
    shop.price("disk", unit_price="0.5")
    shop.price("tape", unit_price="10")
    shop.cost("disk", unit_price="0.45")
    shop.cost("tape", unit_price="1")
    shop.used("100", "disk")
    shop.used("10", "tape")
    shop.bill()


def test_a_draft_below_the_floor_is_stopped(shop: Sold) -> None:
    """95 of 150 are left, 63.3 %."""
    sold_at_cost(shop, "70")
    (finding,) = shop.look(MARGIN)
    assert (finding["code"], finding["amount_at_risk"], finding["stops"]) == ("R-29", 150, "issue")
    assert "leaves 95 EUR of 150" in finding["sentence"]


def test_a_sku_below_the_floor_is_found_in_a_draft_above_it(shop: Sold) -> None:
    """10 % is left of the one, 90 % of the other."""
    sold_at_cost(shop, "20")
    (finding,) = shop.look(MARGIN)
    assert (finding["sku"], finding["customer_id"], finding["amount_at_risk"]) == ("disk", "ann", 50)


def test_a_margin_above_the_floor_is_no_finding(shop: Sold) -> None:
    """Exactly at it is not below it."""
    sold_at_cost(shop, "10")
    assert shop.finds(MARGIN) == []


def test_a_margin_that_is_not_known_is_below_any_floor(shop: Sold) -> None:
    """Nobody said what the vendor charges."""
    sold_at_cost(shop, "10")
    shop.reference["vendor_terms"] = []
    shop.bill()
    (finding,) = shop.look(MARGIN)
    assert "a margin that is not known" in finding["sentence"]


def committed(shop: Sold, **cells: Any) -> None:
    """Ann uses 60 a month of 1 each, and has committed herself."""
    shop.price(unit_price="1")
    shop.used("60")
    shop.used("60", month=NOVEMBER)
    shop.has("contract", contract_id="k", customer_id="ann", name="Growth")
    shop.has("commitment", contract_id="k", commitment_id="c", sku="*", **cells)
    shop.bill()
    assert shop.finds(COMMITMENT) == []


def test_a_commitment_that_is_not_made_up_is_a_leak(shop: Sold) -> None:
    """40 are missing to 100 in each month."""
    committed(shop, amount="100", period="month")
    shop.uncharge("kind = 'commitment' AND month = DATE '2026-11-01'")
    assert shop.finds(COMMITMENT) == [("R-36", "leak", 11, "40")]


def test_a_commitment_made_up_too_far_is_billed_too_much(shop: Sold) -> None:
    """By 5; and one that is not due at all, wholly."""
    committed(shop, amount="100", period="month")
    shop.recharge("exact_amount = 45", "kind = 'commitment' AND month = DATE '2026-10-01'")
    shop.alter(f"DELETE FROM billing.commitment_due WHERE month = DATE '{NOVEMBER}'")
    assert shop.finds(COMMITMENT) == [("R-36", "over_bill", 10, "5"), ("R-36", "over_bill", 11, "40")]


def test_a_commitment_over_a_term_is_due_with_its_last_month(shop: Sold) -> None:
    """200 less twice 60, once."""
    committed(shop, amount="200", period="term", valid_from=OCTOBER, valid_to=NOVEMBER.replace(month=12))
    shop.recharge("exact_amount = 60", "kind = 'commitment'")
    assert shop.finds(COMMITMENT) == [("R-36", "leak", 11, "20")]


def test_a_term_whose_months_were_corrected_is_no_finding(shop: Sold) -> None:
    """The correction counts in the month that it is about."""
    committed(shop, amount="200", period="term", valid_from=OCTOBER, valid_to=NOVEMBER.replace(month=12))
    shop.issue(OCTOBER)
    shop.land(OCTOBER, "2026-12-01")
    shop.usage[0]["quantity"] += 20
    shop.bill()
    assert shop.finds(COMMITMENT) == []


def test_a_minimum_that_is_not_charged_is_a_leak(shop: Sold) -> None:
    """30 of a price that costs 100 at least, and one at another that is above its minimum."""
    shop.price("disk", unit_price="1", minimum="100")
    shop.price("tape", unit_price="1", minimum="10")
    shop.used("30", "disk")
    shop.used("30", "tape")
    shop.bill()
    assert shop.finds(COMMITMENT) == []
    shop.uncharge("kind = 'minimum'")
    assert shop.finds(COMMITMENT) == [("R-36", "leak", 10, "70")]
