"""What is billed against what was used or agreed: each finding with its money, and the cases beside it."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest

from tests.reconciliation.checked import found
from tests.reconciliation.sold import Sold
from tests.warehouse.invoiced import MADE_HERE, NOVEMBER, OCTOBER
from tests.warehouse.rated import prepare, rate
from tests.warehouse.rating_cases import MONTHS, generated
from tests.warehouse.shop import MIDDLE
from warehouse.build import fill
from warehouse.models import models

USED, ENDED, PERIOD = "billed_otherwise_than_used", "billed_after_its_end", "service_period"


def two_skus(shop: Sold) -> None:
    """Ann used 33.5 of one with 10 included, and 150 of another in two tiers."""
    shop.price("disk", unit_price="0.5", included="10")
    shop.price("tape", "graduated", unit_price="0.4", tier_to="100", flat_price="7")
    shop.price("tape", "graduated", unit_price="0.3", tier_from="100")
    shop.used("33.5")
    shop.used("150", "tape")
    shop.bill()


def test_what_is_billed_as_it_was_used_is_no_finding(shop: Sold) -> None:
    """Included units, tiers, a free tier, packages of a pool, a flat price, percentages and cost."""
    shop.price("disk", unit_price="0.5", included="10", minimum="3", maximum="900")
    shop.price("tape", "graduated", unit_price="0.4", tier_to="100", flat_price="7")
    shop.price("tape", "graduated", unit_price="0", tier_from="100")
    shop.price("care", "package", unit_price="3", package_size="30", pooled="yes", included="5")
    for sku, model, cells in (
        ("desk", "flat", {"unit_price": "4"}),
        ("plus", "percentage", {"percent": "3", "basis": "*"}),
        ("tail", "cost_plus", {"percent": "10"}),
    ):
        shop.has("sku", sku=sku, name=sku, service="Backup", unit="GB")
        shop.price(sku, model, **cells)
        shop.used("2", sku)
    shop.cost("tail", unit_price="0.2")
    shop.used("33.5")
    shop.used("150", "tape")
    shop.used("100", "care")
    shop.used("11", "care", "bob")
    shop.bill()
    assert [finding for check in (USED, ENDED, PERIOD) for finding in shop.finds(check)] == []


@pytest.mark.parametrize("seed", range(3))
def test_no_price_list_makes_a_false_alarm(shop_warehouse: duckdb.DuckDBPyConnection, seed: int) -> None:
    """Prices, discounts, commitments and contracts of every kind, changing inside months."""
    shop_warehouse.execute("BEGIN")
    try:
        reference, usage = generated(seed, 12)
        prepare(shop_warehouse, reference, usage)
        rate(shop_warehouse, MONTHS)
        for model in models():
            if model.name in MADE_HERE:
                fill(shop_warehouse, model, MONTHS)
        checks = (USED, PERIOD, "commitment", "line_recomputed", "document_arithmetic")
        assert [finding for check in checks for finding in found(shop_warehouse, check, *MONTHS)] == []
        prices = found(shop_warehouse, "price_not_as_agreed", *MONTHS)
        assert {(f["code"], f["actual"]) for f in prices} <= {("R-30", 0)}  # some are given away
    finally:
        shop_warehouse.execute("ROLLBACK")


def test_usage_that_no_line_bills_is_a_leak(shop: Sold) -> None:
    """23.5 beyond what is included, at 0.5."""
    two_skus(shop)
    shop.uncharge("sku = 'disk'")
    assert shop.finds(USED) == [("R-14", "leak", 10, "11.75")]
    assert "ann used 33.5 of disk in 2026-10" in shop.look(USED)[0]["sentence"]


def test_a_line_that_is_missing_among_others_is_a_leak(shop: Sold) -> None:
    """The upper tier of two: 50 at 0.3."""
    two_skus(shop)
    shop.uncharge("sku = 'tape' AND tier_no = 2")
    (finding,) = shop.look(USED)
    assert (finding["code"], finding["direction"], finding["amount_at_risk"]) == ("R-15", "leak", 15)
    assert (finding["expected"], finding["actual"], finding["unit"]) == (150, 100, "GB")


@pytest.mark.parametrize(
    ("quantity", "direction", "amount"), [("30", "over_bill", "3.25"), ("20", "leak", "1.75")]
)
def test_a_line_of_another_quantity_says_which_way(
    shop: Sold, quantity: str, direction: str, amount: str
) -> None:
    """Of 23.5 at 0.5."""
    two_skus(shop)
    shop.recharge(
        f"quantity = {quantity}, exact_amount = {quantity} * 0.5", "sku = 'disk' AND kind = 'usage'"
    )
    assert shop.finds(USED) == [("R-15", direction, 10, amount)]


def test_each_price_of_a_month_is_looked_at(shop: Sold) -> None:
    """Both stand for the whole quantity; the line of the second, of 16 of 31 days, is another."""
    shop.price(unit_price="1", valid_to=MIDDLE)
    shop.price(unit_price="2", valid_from=MIDDLE)
    shop.used("31")
    shop.bill()
    assert shop.finds(USED) == []
    shop.recharge("quantity = 62, exact_amount = 2 * exact_amount", f"service_period_start = DATE '{MIDDLE}'")
    assert shop.finds(USED) == [("R-15", "over_bill", 10, "32")]


def test_a_line_without_usage_is_billed_too_much(shop: Sold) -> None:
    """And so is one by a contract that has no such item."""
    two_skus(shop)
    shop.copy_charge("sku = 'disk' AND kind = 'usage'", sku="'care'")
    shop.copy_charge("sku = 'tape' AND tier_no = 2", sku="'care'", kind="'contract'", contract_id="'k'")
    assert shop.finds(USED) == [("R-16", "over_bill", 10, "11.75"), ("R-16", "over_bill", 10, "15")]


def test_usage_that_changed_after_the_invoice_is_told_as_a_restatement_only(shop: Sold) -> None:
    """The next draft corrects it; that draft's own usage is looked at as ever."""
    shop.price(unit_price="0.5")
    shop.used("100")
    shop.used("100", month=NOVEMBER)
    shop.bill()
    shop.issue(OCTOBER)
    shop.land(OCTOBER, "2026-12-01")
    shop.usage[0]["quantity"] += 20
    shop.bill()
    assert shop.connection.execute("SELECT exact_amount FROM billing.correction").fetchall() == [(10,)]
    assert shop.finds(USED) == []
    shop.uncharge(f"month = DATE '{NOVEMBER}'")
    assert shop.finds(USED) == [("R-14", "leak", 11, "50")]


def test_an_issued_line_that_was_altered_is_no_restatement(shop: Sold) -> None:
    """Nothing was learned since it was issued."""
    shop.price(unit_price="0.5")
    shop.used("100")
    shop.bill()
    shop.issue(OCTOBER)
    shop.alter("DELETE FROM reference.version")
    assert shop.finds(USED) == []
    shop.alter("UPDATE billing.document_line SET quantity = 90, exact_amount = 45, amount = 45")
    assert shop.finds(USED) == [("R-15", "leak", 10, "5")]


def test_a_voided_invoice_bills_nothing(shop: Sold) -> None:
    """What it billed is a draft again, and no second line."""
    two_skus(shop)
    shop.issue(OCTOBER)
    shop.alter("DELETE FROM billing.register_entry WHERE kind = 'close'")
    shop.alter(
        "INSERT INTO billing.register_entry SELECT * REPLACE (seq + 1000 AS seq, 'void' AS kind) "
        "FROM billing.register_entry WHERE kind = 'issue'"
    )
    shop.draft()
    assert [finding for check in (USED, ENDED) for finding in shop.finds(check)] == []
    shop.uncharge("sku = 'disk'")
    assert shop.finds(USED) == [("R-14", "leak", 10, "11.75")]


def contract(shop: Sold, **cells: Any) -> None:
    """Ann's contract of one item at 31 a month, and usage that both months have."""
    shop.price(unit_price="0.5")
    shop.used("10")
    shop.used("10", month=NOVEMBER)
    shop.has("contract", contract_id="k", customer_id="ann", name="Care")
    item = {"contract_id": "k", "item_id": "i", "sku": "care", "quantity": "1", "unit_price": "31"}
    shop.has("contract_item", **item, **cells)
    shop.bill()


def test_a_line_after_the_contract_ended_is_billed_too_much(shop: Sold) -> None:
    """The charge was made before the end was known."""
    contract(shop)
    assert shop.finds(ENDED) == []
    shop.alter(f"UPDATE reference.contract SET valid_to = DATE '{NOVEMBER}'")
    assert shop.finds(ENDED) == [("R-17", "over_bill", 11, "31")]


def test_an_end_that_came_to_be_known_later_is_told_as_a_restatement_only(shop: Sold) -> None:
    """Of what was billed in advance: once it was learned, and once the next invoice gave it back."""
    contract(shop, billed="advance")
    shop.issue(OCTOBER)
    shop.reference["contract"][0]["valid_to"] = NOVEMBER
    shop.reference["contract_item"][0]["valid_to"] = NOVEMBER
    shop.bill()
    assert shop.finds(ENDED) == []
    shop.alter("DELETE FROM reference.version")
    assert shop.finds(ENDED) == [("R-17", "over_bill", 10, "31")]
    shop.issue(NOVEMBER)
    assert shop.connection.execute("SELECT status FROM billing.restatement").fetchall() == [("settled",)]
    assert [finding for check in (USED, ENDED) for finding in shop.finds(check)] == []


def test_an_item_that_was_taken_away_later_is_told_as_a_restatement_only(shop: Sold) -> None:
    """The next invoice gives back what was billed of it."""
    contract(shop)
    shop.issue(OCTOBER)
    shop.reference["contract_item"].clear()
    shop.land(OCTOBER, "2026-12-01")
    shop.bill()
    assert shop.finds(USED) == []
    shop.issue(NOVEMBER)
    assert shop.finds(USED) == []


def test_a_line_for_a_customer_who_left_is_billed_too_much(shop: Sold) -> None:
    """Not in the month in which it left: the terms hold for all of it."""
    contract(shop)
    shop.alter("UPDATE reference.customer SET valid_to = DATE '2026-10-20' WHERE customer_id = 'ann'")
    assert shop.finds(ENDED) == [("R-17", "over_bill", 11, "31"), ("R-17", "over_bill", 11, "5")]


def test_usage_of_subscriptions_that_ended_is_billed_too_much(shop: Sold) -> None:
    """All of them, before the month began; one that lasts explains the usage."""
    contract(shop)
    for account, status, ends_on in (("1", "inactive", None), ("2", "active", "2026-10-01")):
        shop.alter(
            "INSERT INTO billing.mapped_account VALUES (?, 'acme', 'default', ?, '2020-01-01', '9999-12-31', "
            "1, 'ann', NULL)",
            NOVEMBER,
            account,
        )
        shop.alter(
            "INSERT INTO staging.subscription BY NAME SELECT 'acme' AS vendor, 'default' AS connection, "
            "? AS account_id, ? AS subscription_id, 'backup' AS product, ? AS status, "
            "CAST(? AS DATE) AS ends_on, DATE '2026-11-30' AS usage_date, 'p' AS pull_id",
            account,
            account,
            status,
            ends_on,
        )
    assert shop.finds(ENDED) == [("R-17", "over_bill", 11, "5")]
    shop.alter("UPDATE staging.subscription SET ends_on = DATE '2026-11-15' WHERE account_id = '2'")
    assert shop.finds(ENDED) == []


def test_a_second_line_for_the_same_days_is_billed_twice(shop: Sold) -> None:
    """On the same invoice, or on that of another month."""
    contract(shop)
    shop.copy_charge("sku = 'disk' AND month = DATE '2026-10-01'")
    shop.copy_charge("sku = 'care' AND month = DATE '2026-10-01'", month=f"DATE '{NOVEMBER}'")
    assert shop.finds(ENDED) == [("R-21", "over_bill", 10, "5"), ("R-21", "over_bill", 11, "31")]


def test_two_items_and_two_discounts_are_billed_once_each(shop: Sold) -> None:
    """Of one SKU, at the same time."""
    shop.has("contract_item", contract_id="k", item_id="j", sku="care", quantity="2", unit_price="3")
    for discount in ("early", "late"):
        shop.has(
            "discount", customer_id="ann", discount_id=discount, sku="disk", percent="10", reason="Loyalty"
        )
    contract(shop)
    assert [finding for check in (USED, ENDED, PERIOD) for finding in shop.finds(check)] == []


@pytest.mark.parametrize("billed", ["arrears", "advance"])
def test_a_month_of_a_contract_that_is_on_no_invoice_is_a_leak(shop: Sold, billed: str) -> None:
    """Whenever it is billed."""
    contract(shop, billed=billed)
    assert shop.finds(PERIOD) == []
    shop.uncharge("service_period_start = DATE '2026-11-01' AND kind = 'contract'")
    assert shop.finds(PERIOD) == [("R-22", "leak", 11 if billed == "arrears" else 10, "31")]


def test_days_between_two_lines_are_a_gap(shop: Sold) -> None:
    """15 of 31 days at 31 a month: the line begins on the 16th."""
    contract(shop)
    shop.recharge(
        "service_period_start = DATE '2026-10-16', exact_amount = 16, rule = concat(rule, '; 16 of 31 days')",
        "kind = 'contract' AND month = DATE '2026-10-01'",
    )
    (finding,) = shop.look(PERIOD)
    assert (finding["code"], finding["amount_at_risk"], finding["subject"]) == (
        "R-22",
        15,
        "k i from 2026-10-01",
    )
    assert (finding["expected"], finding["actual"], finding["unit"]) == (31, 16, "days")


def test_a_part_of_a_month_charged_whole_is_too_much(shop: Sold) -> None:
    """The item began on the 16th: 16 of 31 days are due."""
    shop.reference["contract_item"] = []
    contract(shop, valid_from=MIDDLE)
    assert shop.finds(PERIOD) == []
    shop.recharge(
        "exact_amount = 31, rule = split_part(rule, ';', 1)",
        "kind = 'contract' AND month = DATE '2026-10-01'",
    )
    assert shop.finds(PERIOD) == [("R-37", "over_bill", 10, "15")]


def item_and_a_larger_one(shop: Sold, **cells: Any) -> None:
    """Item i, one until the 16th and two from then on, and item j, five of the same SKU, at 31 each."""
    shop.has("contract", contract_id="k", customer_id="ann", name="Care")
    row = {"contract_id": "k", "sku": "care", "unit_price": "31"}
    shop.has("contract_item", **row, item_id="i", quantity="1", valid_to=MIDDLE)
    shop.has("contract_item", **row, item_id="i", quantity="2", valid_from=MIDDLE)
    shop.has("contract_item", **row, item_id="j", quantity="5", **cells)
    shop.bill()


@pytest.mark.parametrize(
    ("quantity", "item", "amount"),
    [(1, "k i from 2026-10-01", "15"), (2, "k i from 2026-10-16", "32"), (5, "k j from 2026-10-01", "155")],
)
def test_each_of_several_items_of_one_sku_is_missed(
    shop: Sold, quantity: int, item: str, amount: str
) -> None:
    """Whatever else the contract bills on the same days."""
    item_and_a_larger_one(shop)
    assert shop.finds(PERIOD) == []
    shop.uncharge(f"quantity = {quantity} AND service_period_start < DATE '{NOVEMBER}'")
    assert shop.finds(PERIOD) == [("R-22", "leak", 10, amount)]
    assert [finding["subject"] for finding in shop.look(PERIOD)] == [item]


def test_an_item_in_arrears_is_missed_beside_one_in_advance(shop: Sold) -> None:
    """Which the invoice of the month before has."""
    item_and_a_larger_one(shop, billed="advance")
    shop.uncharge(f"quantity = 2 AND month = DATE '{NOVEMBER}'")
    assert [finding["amount_at_risk"] for finding in found(shop.connection, PERIOD, NOVEMBER)] == [62]


def test_days_before_and_after_a_line_are_two_gaps(shop: Sold) -> None:
    """Nine days and sixteen of one item; the other is billed all the while."""
    item_and_a_larger_one(shop)
    shop.recharge(
        "service_period_start = DATE '2026-10-10', service_period_end = DATE '2026-10-16'", "quantity = 5"
    )
    gaps = [
        (finding["subject"], finding["actual"], finding["amount_at_risk"])
        for finding in shop.look(PERIOD)
        if (finding["code"], finding["month"]) == ("R-22", OCTOBER)
    ]
    assert gaps == [("k j from 2026-10-01", 22, 45), ("k j from 2026-10-16", 15, 80)]


@pytest.mark.parametrize("proration", ["thirty", "exact", "none"])
def test_parts_by_every_rule_are_right(shop: Sold, proration: str) -> None:
    """Thirtieths, hours, and all of it."""
    contract(shop, valid_from=MIDDLE, proration=proration)
    assert shop.finds(PERIOD) == []
