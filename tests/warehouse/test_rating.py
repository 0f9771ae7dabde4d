"""Each rule of rating by hand, with figures that can be followed on paper."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from tests.warehouse.shop import MIDDLE, NOVEMBER, OCTOBER, Shop, plain


def tiers(shop: Shop, model: str, **cells: Any) -> None:
    """10 at 1, up to 12.5 at 0.5, then 0.1; 3 once for the second."""
    for low, high, price, once in (
        ("0", "10", "1", "0"),
        ("10", "12.5", "0.5", "3"),
        ("12.5", None, "0.1", "0"),
    ):
        bounds = {"tier_from": low, "tier_to": high}
        shop.price(model=model, **bounds, unit_price=price, flat_price=once, **cells)


@pytest.mark.parametrize(
    ("quantity", "expected"),
    [
        ("0", []),
        ("10", [("usage", 1, "10", "1", "10")]),
        (
            "10.000001",
            [
                ("usage", 1, "10", "1", "10"),
                ("usage", 2, "0.000001", "0.5", "0.0000005"),
                ("usage", 2, "1", "3", "3"),
            ],
        ),
        (
            "12.5",
            [("usage", 1, "10", "1", "10"), ("usage", 2, "2.5", "0.5", "1.25"), ("usage", 2, "1", "3", "3")],
        ),
        (
            "-13",
            [
                ("usage", 1, "-10", "1", "-10"),
                ("usage", 2, "-2.5", "0.5", "-1.25"),
                ("usage", 2, "-1", "3", "-3"),
                ("usage", 3, "-0.5", "0.1", "-0.05"),
            ],
        ),
        (
            "99999999999999",
            [
                ("usage", 1, "10", "1", "10"),
                ("usage", 2, "2.5", "0.5", "1.25"),
                ("usage", 2, "1", "3", "3"),
                ("usage", 3, "99999999999986.5", "0.1", "9999999999998.65"),
            ],
        ),
    ],
)
def test_graduated_fills_tier_after_tier(shop: Shop, quantity: str, expected: list[Any]) -> None:
    """A bound belongs to the tier below it and may be a fraction; what is once for a tier is a line."""
    tiers(shop, "graduated")
    shop.used(quantity)
    assert sorted(shop.charges()) == sorted(expected)


@pytest.mark.parametrize(
    ("quantity", "expected"),
    [
        ("0", []),
        ("10", [("usage", 1, "10", "1", "10")]),
        ("12.5", [("usage", 2, "12.5", "0.5", "6.25"), ("usage", 2, "1", "3", "3")]),
        ("12.500001", [("usage", 3, "12.500001", "0.1", "1.2500001")]),
        ("-10", [("usage", 1, "-10", "1", "-10")]),
    ],
)
def test_volume_prices_all_by_the_tier_it_reaches(shop: Shop, quantity: str, expected: list[Any]) -> None:
    """All of the quantity has the price of the tier that holds it."""
    tiers(shop, "volume")
    shop.used(quantity)
    assert sorted(shop.charges()) == sorted(expected)


@pytest.mark.parametrize(
    ("quantity", "packages"), [("2.5", "1"), ("2.500001", "2"), ("0.1", "1"), ("-3", "-2"), ("0", None)]
)
def test_a_package_begun_is_a_package(shop: Shop, quantity: str, packages: str | None) -> None:
    """Packages are whole; of nothing there is none."""
    shop.price(model="package", unit_price="4", package_size="2.5")
    shop.used(quantity)
    expected = [] if packages is None else [(packages, "package", plain(Decimal(packages) * 4))]
    assert shop.charges("quantity, unit, exact_amount") == expected


@pytest.mark.parametrize("quantity", ["0", "7", "-7"])
def test_flat_is_the_same_for_every_quantity(shop: Shop, quantity: str) -> None:
    """A month is a month, also one in which nothing was used."""
    shop.price(model="flat", unit_price="49", included="3")
    shop.used(quantity)
    assert shop.charges() == [("usage", 1, "1", "49", "49")]


def test_included_units_cost_nothing_and_are_told(shop: Shop) -> None:
    """They have a line of their own; a credit has none of them."""
    shop.price(unit_price="2", included="5")
    shop.used("7")
    shop.used("4", customer="bob")
    assert shop.charges("customer_id, kind, quantity, exact_amount") == [
        ("ann", "included", "5", "0"),
        ("ann", "usage", "2", "4"),
        ("bob", "included", "4", "0"),
    ]
    shop.usage.clear()
    shop.used("-7")
    assert shop.charges("kind, quantity, exact_amount") == [("usage", "-7", "-14")]


def test_a_pool_is_filled_by_all_on_the_invoice(shop: Shop) -> None:
    """Each customer with usage brings its included units; the charge is the billed customer's."""
    shop.price(unit_price="2", included="5", pooled="yes")
    shop.used("1")
    shop.used("1", customer="bob")
    shop.used("10", customer="bob", vendor="other")
    assert shop.charges("customer_id, kind, quantity, exact_amount") == [
        ("ann", "included", "10", "0"),
        ("ann", "usage", "2", "4"),
    ]
    assert shop.charges("rule")[0][0].endswith("for each customer cost nothing; pooled over 2 customers")


def test_the_price_of_the_customer_wins_and_then_that_of_the_dimension(shop: Shop) -> None:
    """Of four prices: customer before dimension, dimension before none."""
    shop.price(unit_price="1")
    shop.price(unit_price="2", dimension="eu")
    shop.used("1")
    shop.used("1", dimension="eu")
    shop.used("1", dimension="us")
    assert shop.amounts() == ["1", "2", "1"]
    shop.price(unit_price="3", customer_id="ann")
    assert shop.amounts() == ["3", "3", "3"]
    shop.price(unit_price="4", customer_id="ann", dimension="eu")
    assert shop.amounts() == ["3", "4", "3"]
    shop.used("1", customer="bob")
    assert shop.amounts()[-1] == "3"


@pytest.mark.parametrize(
    ("proration", "weights", "amounts"),
    [
        # October: clocks go back on the 25th.
        ("actual", ["15 of 31 days", "16 of 31 days"], ["45", "96"]),
        ("thirty", ["15 of 30 days", "15 of 30 days"], ["46.5", "93"]),
        ("exact", ["360 of 745 hours", "385 of 745 hours"], ["44.939597315436242", "96.120805369127517"]),
        ("none", [""], ["186"]),
    ],
)
def test_a_price_that_changes_splits_the_line(
    shop: Shop, proration: str, weights: list[str], amounts: list[str]
) -> None:
    """Each price is applied to all of the quantity, and weighted by the rule of the last one."""
    shop.price(unit_price="3", valid_to=MIDDLE, proration="actual")
    shop.price(unit_price="6", valid_from=MIDDLE, proration=proration)
    shop.used("31")
    found = shop.charges("exact_amount, rule, service_period_start, service_period_end")
    assert [amount for amount, *_ in found] == amounts
    assert [rule.partition("; ")[2] for _, rule, *_ in found] == weights
    periods = [(start, end) for *_, start, end in found]
    assert periods == (
        [(OCTOBER, NOVEMBER)] if proration == "none" else [(OCTOBER, MIDDLE), (MIDDLE, NOVEMBER)]
    )


def test_a_price_of_the_31st_is_none_of_thirty_days(shop: Shop) -> None:
    """The days before it have taken all 30."""
    shop.price(unit_price="3", valid_to=date(2026, 10, 31))
    shop.price(unit_price="6", valid_from=date(2026, 10, 31), proration="thirty")
    shop.used("1")
    assert shop.amounts() == ["3"]


def test_the_models_of_a_month_may_differ(shop: Shop) -> None:
    """From so much a unit to a flat price; and an own price for ten days in between."""
    shop.price(unit_price="31", valid_to=MIDDLE)
    shop.price(model="flat", unit_price="62", valid_from=MIDDLE)
    shop.price(
        unit_price="310", customer_id="ann", valid_from=date(2026, 10, 11), valid_to=date(2026, 10, 21)
    )
    shop.used("2")
    found = shop.charges("service_period_start, exact_amount")
    days = [(start.day, amount) for start, amount in found]
    assert days == [(1, "20"), (11, "200"), (21, "22")]


def test_days_without_a_price_are_not_charged_and_told(shop: Shop) -> None:
    """The days that have one are; what was not used needs no price at all."""
    shop.price(unit_price="31", valid_from=MIDDLE)
    shop.used("1")
    shop.used("1", sku="tape")
    shop.used("0", sku="care")
    assert shop.amounts() == ["16"]
    assert shop.ask("SELECT usage_record_id, reason, why FROM billing.uncharged_usage ORDER BY ALL") == [
        (
            "u0",
            "no price",
            "Rate card sell has no price for disk on 15 days from 2026-10-01: add it to rate.",
        ),
        (
            "u1",
            "no price",
            "Rate card sell has no price for tape on 31 days from 2026-10-01: add it to rate.",
        ),
    ]


def test_what_is_not_known_or_nobodys_is_told(shop: Shop) -> None:
    """A record without a quantity beside one with; a customer without terms; only of what is billable."""
    shop.price(unit_price="1")
    shop.used(None, why_unknown="no day was reported.")
    shop.used("2")
    shop.used("2", customer="eve")
    shop.used("2", billable=False)
    assert shop.amounts() == ["2"]
    assert shop.ask("SELECT usage_record_id, reason, why FROM billing.uncharged_usage ORDER BY ALL") == [
        ("u0", "unknown quantity", "The quantity is not known: no day was reported."),
        (
            "u2",
            "no terms",
            "Customer eve has no terms in the month, or nobody above it gets an invoice: complete customer.",
        ),
    ]


@pytest.mark.parametrize(
    ("quantity", "amounts"),
    [("0", ["20"]), ("3", ["17", "3"]), ("20", ["20"]), ("50", ["-10", "50"]), ("-50", ["-50"])],
)
def test_a_month_costs_the_minimum_at_least_and_the_maximum_at_most(
    shop: Shop, quantity: str, amounts: list[str]
) -> None:
    """Where there is a usage record; a credit is left alone."""
    shop.price(unit_price="1", minimum="20", maximum="40")
    shop.used(quantity)
    assert sorted(shop.amounts()) == sorted(amounts)


def test_prices_that_state_a_minimum_are_compared_with_it_together(shop: Shop) -> None:
    """31 a month for 15 and for 16 days; what the first lacks the second may bring."""
    shop.price(unit_price="1", minimum="31", valid_to=MIDDLE)
    shop.price(unit_price="2", minimum="31", valid_from=MIDDLE)
    shop.used("20")
    first, second = Decimal(20) * 15 / 31, Decimal(40) * 16 / 31
    missing = [Decimal(a) for k, a in shop.charges("kind, exact_amount") if k == "minimum"]
    assert missing == [(31 - first - second).quantize(Decimal("1e-15"))]


def test_a_minimum_that_is_met_exactly_adds_nothing(shop: Shop) -> None:
    """Also where shares of a month have no finite number of decimals."""
    tiers(shop, "graduated", minimum="10.5", valid_to=MIDDLE)
    shop.price(model="flat", unit_price="7", minimum="7", valid_from=MIDDLE)
    shop.used("10")
    kinds = [kind for (kind,) in shop.charges("kind")]
    assert kinds == ["minimum", "usage", "usage"]
    shop.reference["rate"][0]["minimum"] = Decimal(10)
    for row in shop.reference["rate"][:3]:
        row["minimum"] = Decimal(10)
    assert [kind for (kind,) in shop.charges("kind")] == ["usage", "usage"]


def test_a_percentage_is_of_other_usage_after_its_minimum(shop: Shop) -> None:
    """It needs no usage of its own, has its own minimum, and is not of itself."""
    shop.price(unit_price="1", minimum="50")
    shop.price("tape", unit_price="2")
    shop.price("care", "percentage", percent="10", basis="*")
    shop.used("30")
    shop.used("5", sku="tape", customer="bob")
    columns = "customer_id, sku, kind, exact_amount, rule"
    care = [row for row in shop.charges(columns) if row[1] == "care"]
    assert care == [
        ("ann", "care", "percentage", "5", "percentage: 10 % of 50 EUR for all usage"),
        ("bob", "care", "percentage", "1", "percentage: 10 % of 10 EUR for all usage"),
    ]
    shop.reference["rate"][-1] |= {"basis": "tape", "minimum": Decimal(4)}
    care = [row[:4] for row in shop.charges(columns) if row[1] == "care"]
    assert care == [("bob", "care", "minimum", "3"), ("bob", "care", "percentage", "1")]


def test_cost_plus_passes_on_what_it_costs(shop: Shop) -> None:
    """The vendor's price of our whole volume, shared out, plus a percentage; nothing of an unknown cost."""
    shop.price(model="cost_plus", percent="18")
    shop.cost(model="graduated", tier_from="0", tier_to="10", unit_price="1")
    shop.cost(model="graduated", tier_from="10", unit_price="0.5")
    shop.used("5")
    shop.used("15", customer="bob")
    # 20 cost 10 + 5.
    assert shop.charges("customer_id, exact_amount, cost_amount") == [
        ("ann", "4.425", "3.75"),
        ("bob", "13.275", "11.25"),
    ]
    shop.used("1", vendor="unknown")
    assert shop.charges("customer_id") == [("bob",)]
    assert shop.ask("SELECT usage_record_id, reason FROM billing.uncharged_usage ORDER BY ALL") == [
        ("u0", "no cost"),
        ("u2", "no cost"),
    ]


def test_a_price_in_another_currency_is_converted_at_the_rate_of_the_last_day(shop: Shop) -> None:
    """Source and date stand in the rule; without a rate nothing is charged."""
    shop.reference["customer"][0]["currency"] = "USD"
    shop.price(unit_price="3")
    shop.used("1")
    assert shop.amounts() == []
    assert shop.ask("SELECT reason, why FROM billing.uncharged_usage") == [
        (
            "no exchange rate",
            "No exchange rate from EUR to USD holds on the last day of the month: add it to fx_rate.",
        )
    ]
    pair = {"fx_set": "ecb", "from_currency": "EUR", "to_currency": "USD", "source": "ECB"}
    shop.has("fx_rate", **pair, rate="9", quoted_on=date(2026, 10, 1), valid_to=date(2026, 10, 31))
    shop.has(
        "fx_rate", **pair, rate="1.111111111", quoted_on=date(2026, 10, 30), valid_from=date(2026, 10, 31)
    )
    assert shop.charges("exact_amount, currency, price_currency, fx_rate, rule") == [
        (
            "3.333333333",
            "USD",
            "EUR",
            "1.111111111",
            "per unit: 3 EUR for each of the GB; EUR to USD at 1.111111111 (ECB, 2026-10-30)",
        )
    ]


def test_a_line_says_what_it_is_for_and_how_it_was_metered(shop: Shop) -> None:
    """SKU, dimension, whose, tier, aggregation, coverage: of records known unequally, the worst."""
    tiers(shop, "graduated")
    coverage = {"days_expected": 31, "days_reported": 30, "days_filled": 1}
    shop.used("3", customer="bob", dimension="eu", **coverage)
    shop.used("4", customer="bob", dimension="eu", days_expected=31, days_reported=31)
    assert shop.charges("description") == [
        ("Disk, eu, Bob, tier 1 (above 0 up to 10 GB), highest day, 30 of 31 days, 1 carried",)
    ]
    shop.usage[1] |= {"aggregation": "last", "gap_policy": "zero", "days_filled": 2}
    assert shop.charges("description, days_expected, days_reported, days_filled") == [
        ("Disk, eu, Bob, tier 1 (above 0 up to 10 GB), 30 of 31 days, 2 filled", 31, 30, 2)
    ]


def test_costs_are_shared_out_to_the_last_decimal(shop: Shop) -> None:
    """Over all customers, billable or not, each cut off, the first record the rest; then over lines."""
    shop.price(unit_price="2", included="1")
    shop.cost(model="flat", unit_price="10")
    for customer in ("ann", "bob", "bob"):
        shop.used("3", customer=customer, billable=len(shop.usage) < 2)
    costs = shop.ask("SELECT usage_record_id, cost FROM billing.usage_cost ORDER BY ALL")
    assert costs == [
        ("u0", "3.333333333333334"),
        ("u1", "3.333333333333333"),
        ("u2", "3.333333333333333"),
    ]
    assert shop.charges("customer_id, kind, cost_amount") == [
        ("ann", "included", "1.111111111111112"),
        ("ann", "usage", "2.222222222222222"),
        ("bob", "included", "1.111111111111111"),
        ("bob", "usage", "2.222222222222222"),
    ]


def test_each_connection_has_its_own_volume_at_the_vendor(shop: Shop) -> None:
    """A minimum of the vendor's is paid once for each; without its terms a cost is unknown, not zero."""
    shop.price(unit_price="2")
    shop.cost(unit_price="1", minimum="100")
    shop.has("vendor_terms", vendor="acme", connection="second", rate_card="buy")
    shop.used("3")
    shop.used("5", connection="second", customer="bob")
    shop.used("5", connection="third", sku="tape")
    vendor_cost = "SELECT connection, quantity, cost FROM billing.vendor_cost ORDER BY ALL"
    assert shop.ask(vendor_cost) == [("default", "3", "100"), ("second", "5", "100")]
    shop.price("tape", unit_price="1")
    assert shop.charges("sku, cost_amount") == [("disk", "100"), ("tape", None), ("disk", "100")]


def test_the_latest_terms_of_a_month_hold_for_all_of_it(shop: Shop) -> None:
    """Who is billed, in which currency and by which card, may change from month to month."""
    shop.reference["customer"][1] |= {"valid_to": MIDDLE}
    shop.has(
        "customer",
        customer_id="bob",
        name="Bob & Co",
        kind="reseller",
        bill_to="self",
        tax_code="NL",
        billing_entity_id="us",
        currency="EUR",
        rate_card="sell",
        valid_from=MIDDLE,
    )
    shop.price(unit_price="1")
    shop.used("1", customer="bob")
    assert shop.charges("billed_customer_id, description") == [("bob", "Disk, highest day, 30 of 30 days")]


def test_what_is_too_large_to_be_true_stops_the_build(shop: Shop) -> None:
    """No figure is ever cut off."""
    shop.price(unit_price="99999999.999999999")
    shop.used("99999999999999.999999")
    shop.used("99999999999999.999999", vendor="other")
    with pytest.raises(duckdb.ConversionException, match=r"199999999999999\.999998.* out of range"):
        shop.charges()
