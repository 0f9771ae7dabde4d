"""Usage that nobody is charged for: of no customer, of no product, without a price, or excluded too long."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from tests.reconciliation.told import ALWAYS, NOVEMBER, OCTOBER, SEPTEMBER, SOLD, Told, in_short
from warehouse.calendar import month_days

FIFTH, SIXTEENTH = date(2026, 10, 5), date(2026, 10, 16)


@pytest.fixture
def acme() -> Iterator[Told]:
    """October, complete."""
    with duckdb.connect() as connection:
        yield Told(connection)


CHECKS = (
    "unmapped_account",
    "unmapped_product",
    "new_service",
    "uncharged_usage",
    "growing_exclusion",
    "mapping_changed",
    "mapping_twice",
)


@pytest.mark.parametrize("check", CHECKS)
def test_usage_that_is_charged_is_no_finding(acme: Told, check: str) -> None:
    """Nor is a trial, an excluded account inside its term, or a meter that nobody means to sell."""
    acme.map("demo", None, reason="A demo", valid_to=NOVEMBER)
    for month in (SEPTEMBER, OCTOBER):
        acme.pulled(month=month)
        acme.told(5, month=month)
        acme.told(10**10, month=month, meter="used_bytes", unit="bytes")
        acme.told(10**10, month=month, meter="quota_bytes", unit="bytes")
        acme.told(3, "b", month=month, is_trial=True)
        acme.told(8, "demo", month=month)
    acme.told(2, "b", product="other")
    assert acme.findings(check, SEPTEMBER, OCTOBER) == []


def test_usage_of_nobody_is_money_at_list_price(acme: Told) -> None:
    """Of all that the account has, tier by tier; it stops the close of every billing entity."""
    acme.reference["rate"][1] |= {"model": "graduated", "tier_to": Decimal(10), "flat_price": Decimal("0.25")}
    acme.has(
        "rate",
        {"rate_card": "list", "sku": "disk", "model": "graduated", "unit_price": Decimal("0.04")}
        | {"tier_from": Decimal(10)},
    )
    acme.told(3, "x")
    acme.told(25 * 10**9, "x", meter="used_bytes", unit="bytes")
    (finding,) = acme.findings("unmapped_account")
    # 3 seats at 2; 10 GB at 0.10 and 15 at 0.04, and 0.25 once for the first tier.
    assert in_short([finding]) == [("R-09", "leak", "x", Decimal("7.85"))]
    assert (finding["stops"], finding["billing_entity_id"], finding["currency"]) == ("close", None, "EUR")
    assert finding["sentence"] == (
        "acme account x has usage on 31 days that belongs to no customer, about 7.85 EUR at the price of "
        "rate card list: add it to account_mapping, or exclude it there with a reason."
    )


@pytest.mark.parametrize(
    ("price", "amount"),
    [
        ({"model": "flat", "unit_price": Decimal(9)}, Decimal(9)),
        ({"model": "volume", "unit_price": Decimal(2), "tier_to": Decimal(7)}, Decimal(14)),
        ({"model": "per_unit", "unit_price": Decimal(2), "included": Decimal(3)}, Decimal(8)),
        ({"model": "package", "unit_price": Decimal(5), "package_size": Decimal(3)}, Decimal(15)),
        ({"model": "cost_plus", "percent": Decimal(10)}, Decimal(7)),
    ],
)
def test_list_price_is_whatever_the_card_says(acme: Told, price: dict[str, Any], amount: Decimal) -> None:
    """Seven seats; where no list price is in figures, what the vendor charges."""
    acme.reference["rate"][0] = {"rate_card": "list", "sku": "seat", **price}
    acme.told(7, "x")
    assert in_short(acme.findings("unmapped_account")) == [("R-09", "leak", "x", amount)]


def test_without_any_price_the_amount_is_not_known(acme: Told) -> None:
    """It stops the close all the same."""
    acme.reference["rate"] = []
    acme.told(7, "x")
    (finding,) = acme.findings("unmapped_account")
    assert (finding["amount_known"], finding["stops"]) == (False, "close")


def test_an_exclusion_that_ran_out_is_said_so(acme: Told) -> None:
    """From that day on the account is nobody's."""
    acme.map("x", None, reason="Own use", valid_to=SIXTEENTH)
    acme.map("y", "ann", valid_to=OCTOBER)
    for account in ("x", "y"):
        acme.told(4, account)
    found = acme.findings("unmapped_account")
    assert in_short(found) == [("R-09", "leak", "x", 8), ("R-09", "leak", "y", 8)]
    assert "; its exclusion (Own use) ran out on 2026-10-16: " in found[0]["sentence"]
    assert "has usage on 16 days" in found[0]["sentence"]
    assert "; it was mapped to ann until 2026-10-01: " in found[1]["sentence"]


def test_a_product_that_nothing_sells_counts_at_the_cheapest_of_its_meter(acme: Told) -> None:
    """Other products are mapped by name; at risk is what all its accounts come to."""
    acme.has("sku", {"sku": "lite", "name": "Lite", "service": "Backup", "unit": "seats"})
    acme.has("rate", {"rate_card": "list", "sku": "lite", "model": "per_unit", "unit_price": Decimal("1.5")})
    acme.reference["sku_mapping"] = [
        SOLD | {"meter": "active_seats", "sku": sku, "product": product}
        for product, sku in (("backup", "seat"), ("lite", "lite"))
    ]
    acme.told(3)
    acme.told(4, product="new")
    acme.told(6, "b", product="new", days=[FIFTH])
    acme.told(6, "b", product="new", resource_id="t", is_trial=True)
    (finding,) = acme.findings("unmapped_product")
    assert (finding["code"], finding["subject"], finding["amount_at_risk"]) == ("R-10", "new", 15)
    assert finding["sentence"] == (
        "acme tells active_seats of the product new for 2 accounts since 2026-10-01, and nothing says as "
        "what it is sold: add it to sku_mapping."
    )
    assert acme.findings("new_service") == []


def test_a_mapping_of_a_product_that_ended_is_missed(acme: Told) -> None:
    """Also where other meters of the product are still sold."""
    acme.reference["sku_mapping"] = [
        SOLD | {"meter": "active_seats", "sku": "seat", "product": "backup"} | ALWAYS | {"valid_to": OCTOBER},
        SOLD | {"meter": "active_seats", "sku": "seat", "product": "other"},
        SOLD | {"meter": "used_bytes", "sku": "disk", "product": "backup", "aggregation": "average"},
    ]
    acme.told(3)
    acme.told(10**9, meter="used_bytes", unit="bytes")
    (finding,) = acme.findings("unmapped_product")
    assert (finding["subject"], finding["amount_at_risk"]) == ("backup", 6)


def test_bytes_of_a_product_that_is_sold_by_seats_are_none(acme: Told) -> None:
    """Whoever names a product says which of its meters are sold."""
    acme.reference["sku_mapping"] = [
        SOLD | {"meter": "active_seats", "sku": "seat", "product": "backup"},
        SOLD | {"meter": "used_bytes", "sku": "disk", "product": "other", "aggregation": "average"},
    ]
    acme.told(10**9, meter="used_bytes", unit="bytes")
    acme.told(1)
    assert acme.findings("unmapped_product") == []


def test_a_new_product_of_meters_that_nobody_sells_is_new_revenue(acme: Told) -> None:
    """When the vendor told others the month before; in its first month everything is new."""
    acme.pulled(month=SEPTEMBER)
    acme.told(2, month=SEPTEMBER)
    acme.told(2)
    for days in (month_days(SEPTEMBER), month_days(OCTOBER)):
        acme.told(9, product="old", meter="mailboxes", days=days)
    acme.told(9, product="new", meter="mailboxes", days=[FIFTH])
    (finding,) = acme.findings("new_service", SEPTEMBER, OCTOBER)
    assert (finding["code"], finding["month"], finding["subject"]) == ("R-20", OCTOBER, "new")
    assert (finding["severity"], finding["amount_known"]) == ("warns", False)
    assert "tells mailboxes of the product new for 1 account, first on 2026-10-05" in finding["sentence"]


def test_usage_without_a_price_counts_at_cost(acme: Told) -> None:
    """When the list has none either."""
    acme.reference["rate"] = acme.reference["rate"][1:]
    acme.told(5)
    (finding,) = acme.findings("uncharged_usage")
    assert in_short([finding]) == [("R-25", "leak", None, 5)]
    assert (finding["billed_customer_id"], finding["stops"], finding["title"]) == (
        "ann",
        "close",
        "usage not charged",
    )
    assert finding["sentence"] == (
        "Usage of seat by ann (acme default) is not charged. Rate card list has no price for seat on 31 days "
        "from 2026-10-01: add it to rate."
    )


def test_a_price_that_is_missing_on_some_days_counts_for_those(acme: Told) -> None:
    """Fifteen of thirty-one, at the list price of the others."""
    acme.reference["rate"][0] |= {"valid_from": SIXTEENTH}
    acme.told(31)
    assert in_short(acme.findings("uncharged_usage")) == [("R-25", "leak", None, 30)]


def test_a_customer_that_pays_in_pounds_counts_in_pounds(acme: Told) -> None:
    """By the list of its own books, not by its own card that lacks the price."""
    acme.has(
        "rate_card",
        {"rate_card": "gbp", "name": "Pounds", "currency": "GBP"},
        {"rate_card": "own", "name": "Own", "currency": "GBP"},
    )
    acme.has("rate", {"rate_card": "gbp", "sku": "seat", "model": "per_unit", "unit_price": Decimal("1.7")})
    acme.reference["customer"][0] |= {"billing_entity_id": "uk", "currency": "GBP", "rate_card": "own"}
    acme.told(10)
    (finding,) = acme.findings("uncharged_usage")
    assert (finding["amount_at_risk"], finding["currency"]) == (17, "GBP")


def test_too_few_days_make_no_quantity_but_money_at_risk(acme: Told) -> None:
    """What the reported days make."""
    acme.reference["meter"][0] |= {"gap_policy": "fail"}
    acme.told(5)
    acme.told(7, "b")
    acme.pulled("usage", days=[FIFTH], status="failed", reason="Down.")
    acme.readings = [row for row in acme.readings if row["usage_date"] != FIFTH]
    found = acme.findings("uncharged_usage")
    assert in_short(found) == [("R-03", "leak", None, 10), ("R-03", "leak", None, 14)]
    assert "only 30 of 31 days were reported" in found[0]["sentence"]


@pytest.mark.parametrize(("before", "now", "found"), [(10, 23, True), (10, 20, False), (3, 12, False)])
def test_an_excluded_account_that_grows_is_looked_at(
    acme: Told, before: int, now: int, *, found: bool
) -> None:
    """To more than twice what it was, and by more than 25; it stops nothing."""
    acme.map("demo", None, reason="A demo", valid_to=NOVEMBER)
    acme.pulled(month=SEPTEMBER)
    acme.told(before, "demo", month=SEPTEMBER)
    acme.told(now, "demo")
    findings = acme.findings("growing_exclusion", SEPTEMBER, OCTOBER)
    assert [(row["code"], row["severity"], row["amount_at_risk"]) for row in findings] == [
        ("R-13", "warns", 2 * (now - before))
    ] * found


def test_an_account_that_changes_hands_inside_a_month_is_looked_at(acme: Told) -> None:
    """On the first of a month it is not. Both pay for a highest day, and each for its own part of a mean."""
    acme.map("x", "ann", valid_to=SIXTEENTH)
    acme.map("x", "bob", valid_from=SIXTEENTH)
    acme.map("y", "ann", valid_to=OCTOBER)
    acme.map("y", "bob", valid_from=OCTOBER)
    acme.map("z", None, reason="Tried out", valid_to=SIXTEENTH)
    acme.map("z", "bob", valid_from=SIXTEENTH)
    for account in ("x", "y", "z"):
        acme.told(5, account, days=month_days(OCTOBER)[:15])
        acme.told(4, account, days=month_days(OCTOBER)[15:])
        acme.told(10**9, account, meter="used_bytes", unit="bytes")
    (finding,) = acme.findings("mapping_changed")
    assert in_short([finding]) == [("R-11", "over_bill", "x", 8)]
    assert finding["customer_id"] == "bob"


@pytest.mark.parametrize(
    ("account", "connection", "found"),
    [("{A}", "default", True), ("a", "second", True), ("aa", "default", False)],
)
def test_one_account_under_two_names_is_mapped_twice(
    acme: Told, account: str, connection: str, *, found: bool
) -> None:
    """In capitals and braces, or through another connection."""
    acme.map(account, "bob", connection=connection)
    assert [row["code"] for row in acme.findings("mapping_twice")] == ["R-12"] * found


def test_what_two_connections_tell_of_one_account_is_billed_twice(acme: Told) -> None:
    """What only one of them tells is not."""
    acme.map("a", "bob", connection="second")
    acme.told(5)
    acme.pulled("seen", connection="second")
    acme.told(6, stream="seen", connection="second")
    acme.told(7, stream="seen", connection="second", resource_id="only here")
    assert in_short(acme.findings("mapping_twice")) == [("R-12", "over_bill", "a", 12)]


@pytest.mark.parametrize("late", ["a", "A"])
def test_only_days_on_which_both_names_are_mapped_are_billed_twice(acme: Told, late: str) -> None:
    """The last three of the month, and one before: 4 of 31 days of 310 GB."""
    gone = {"valid_to": date(2026, 10, 2)}
    acme.reference["account_mapping"].clear()
    for account, customer in (("a", "ann"), ("A", "bob")):
        if account == late:
            acme.map(account, customer, **gone)
        acme.map(account, customer, valid_from=date(2026, 10, 29) if account == late else SEPTEMBER)
        acme.told(310 * 10**9, account, meter="used_bytes", unit="bytes")
    assert in_short(acme.findings("mapping_twice")) == [("R-12", "over_bill", "a", 4)]


def test_names_that_follow_each_other_are_not_mapped_twice(acme: Told) -> None:
    """An id that changed on a day is two accounts one after the other."""
    acme.reference["account_mapping"][0] |= {"valid_to": SIXTEENTH}
    acme.map("A", "ann", valid_from=SIXTEENTH)
    assert acme.findings("mapping_twice") == []
