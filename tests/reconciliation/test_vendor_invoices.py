"""What was used, what the vendor invoiced and what we billed: side by side, with the cause of each break."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from tests.reconciliation import checked
from tests.reconciliation.invoiced_by_vendor import charge
from tests.reconciliation.told import NOVEMBER, OCTOBER, SEPTEMBER, Told, in_short
from warehouse.calendar import month_days

COST = {"rate_card": "cost", "sku": "disk", "model": "per_unit", "unit_price": Decimal("0.01")}
DISK = {"meter": "used_bytes", "unit": "bytes"}


@pytest.fixture
def acme() -> Iterator[Told]:
    """October: account a has five seats, which the vendor charges at 1 EUR and we bill at 2."""
    with duckdb.connect() as connection:
        told = Told(connection)
        told.told(5)
        yield told


def found(acme: Told, *months: date) -> list[dict[str, Any]]:
    """What both checks of vendors' invoices find, as often as they are asked."""
    acme.connection.execute("DELETE FROM ops.pull; DELETE FROM staging.usage_snapshot")
    lines = acme.findings("vendor_invoice", *months)
    return [*lines, *checked.found(acme.connection, "vendor_price", *(months or [OCTOBER]))]


def match(acme: Told, columns: str) -> list[tuple[Any, ...]]:
    return acme.connection.execute(
        f"SELECT {columns} FROM reconciliation.three_way ORDER BY month, party, sku"
    ).fetchall()


def test_three_sides_that_agree_are_no_finding(acme: Told) -> None:
    """Quantities and amounts of each stand in one row, in the vendor's currency."""
    charge(acme.connection, "5.00", 5)
    assert found(acme) == []
    assert match(
        acme,
        "customer_id, account_id, sku, documents, used_quantity, invoiced_quantity, billed_quantity, "
        "expected_amount, invoiced_amount, billed_amount, currency, cause",
    ) == [("ann", "a", "seat", "A-1", 5, 5, 5, 5, 5, 10, "EUR", None)]


def test_what_we_bill_is_told_in_the_vendors_currency(acme: Told) -> None:
    """By the frozen rate that its cost is converted with, the other way round."""
    rate = {"fx_set": "s", "from_currency": "USD", "to_currency": "EUR", "rate": Decimal("0.8")}
    acme.has("fx_rate", rate | {"source": "Bank", "quoted_on": SEPTEMBER})
    acme.reference["rate_card"][0]["currency"] = "USD"
    charge(acme.connection, "5.00", 5, currency="USD")
    assert found(acme) == []
    assert match(acme, "invoiced_amount, billed_amount, currency") == [(5, Decimal("12.5"), "USD")]


@pytest.mark.parametrize(
    ("quantity", "amount", "direction", "at_risk"),
    [(6, "6.00", "cost", 1), (4, "4.00", "over_bill", 1), (7, "5.00", "control", 0)],
)
def test_another_quantity_than_was_used(
    acme: Told, quantity: int, amount: str, direction: str, at_risk: int
) -> None:
    """Too much costs us; what we bill and do not pay for is billed too much; for no money it is only said."""
    charge(acme.connection, amount, quantity)
    (finding,) = found(acme)
    assert in_short([finding]) == [("R-34", direction, "a", at_risk)]
    assert (finding["expected"], finding["actual"], finding["stops"]) == (5, quantity, "close")
    assert match(acme, "cause") == [("quantity",)]
    assert finding["sentence"].startswith(
        f"acme, A-1 charges {quantity} seats, {Decimal(amount):f}".rstrip("0").rstrip(".")
        + " EUR, for seat of "
        "ann, account a in 2026-10; used were 5 seats, 5 EUR, and we billed 5 seats: "
    )


@pytest.mark.parametrize(
    ("invoiced", "cause"),
    [("1073.741824", "unit_base"), ("976.5625", "unit_base"), ("1024", "unit_base"), ("1050", "quantity")],
)
def test_a_ratio_of_decimal_and_binary_units_is_named(acme: Told, invoiced: str, cause: str) -> None:
    """1000 GB are 931 GiB, whichever way it is mixed up; a difference beside those is one of quantity."""
    acme.has("rate", COST)
    acme.readings.clear()
    acme.told(1000 * 10**9, **DISK)
    amount = (Decimal(invoiced) / 100).quantize(Decimal("0.01"))
    charge(acme.connection, amount, invoiced, sku="disk", unit="GB")
    (finding,) = found(acme)
    assert match(acme, "cause") == [(cause,)]
    direction = "cost" if amount > 10 else "over_bill"
    assert in_short([finding]) == [("R-34", direction, "a", abs(amount - 10))]


def test_a_vendors_unit_is_converted_to_ours(acme: Told) -> None:
    """93 GiB, told as such, are 99.857989632 GB."""
    acme.has("rate", COST)
    acme.readings.clear()
    acme.told(93 * 2**30, **DISK)
    charge(acme.connection, "1.00", 93, sku="disk", unit="GiB")
    assert found(acme) == []
    assert match(acme, "invoiced_quantity") == [(Decimal("99.857990"),)]


def test_a_line_for_part_of_the_month_counts_in_part(acme: Told) -> None:
    """Five seats for 15 of 31 days are 2.419355 for the month; two halves are the whole."""
    first = {"service_start": OCTOBER, "service_end": date(2026, 10, 16)}
    charge(acme.connection, "2.42", 5, **first)
    (finding,) = found(acme)
    assert in_short([finding]) == [("R-34", "over_bill", "a", Decimal("2.58"))]
    assert match(acme, "invoiced_quantity, cause") == [(Decimal("2.419355"), "period")]
    charge(acme.connection, "2.58", 5, service_start=date(2026, 10, 16), service_end=NOVEMBER)
    assert found(acme) == []


def test_a_line_for_several_months_is_shared_out_by_days(acme: Told) -> None:
    """What it charges for days before the month that it was brought for stands in that month."""
    acme.told(5, month=SEPTEMBER)
    acme.pulled(month=SEPTEMBER)
    charge(
        acme.connection, "100.00", 5, service_start=date(2026, 8, 22), service_end=date(2026, 11, 30),
        month=SEPTEMBER,
    )  # fmt: skip
    found(acme, SEPTEMBER, OCTOBER)
    lines = acme.connection.execute(
        "SELECT month, days_covered, days_of_line, amount FROM reconciliation.vendor_invoice_line ORDER BY 1"
    ).fetchall()
    assert lines == [(SEPTEMBER, 40, 100, 40), (OCTOBER, 31, 100, 31)]


def test_a_line_without_usage_is_charged_too_much(acme: Told) -> None:
    """Of an account that nobody knows, and of one that has nothing of it."""
    charge(acme.connection, "5.00", 5)
    charge(acme.connection, "7.00", 7, account="z")
    charge(acme.connection, "3.00", 30, sku="disk", unit="GB")
    findings = found(acme)
    assert in_short(findings) == [("R-32", "cost", "a", 3), ("R-32", "cost", "z", 7)]
    assert match(acme, "cause") == [("missing_usage",), (None,), ("missing_usage",)]
    assert [finding["stops"] for finding in findings] == ["close", "close"]


def test_usage_without_a_line_is_expected_later(acme: Told) -> None:
    """It stops nothing, and only where the vendor's invoice was brought: nothing else is waited for."""
    acme.told(3, "b")
    assert found(acme) == []
    charge(acme.connection, "5.00", 5)
    (finding,) = found(acme)
    assert in_short([finding]) == [("R-32", "control", "b", 3)]
    assert (finding["stops"], finding["severity"]) == ("no", "warns")


def test_a_vendor_that_sent_one_before_owes_its_invoice_once_the_month_is_over(acme: Told) -> None:
    """One finding for all of it; three months later it is not waited for any more."""
    charge(acme.connection, "5.00", 5, month=SEPTEMBER)
    (finding,) = found(acme)
    assert in_short([finding]) == [("R-32", "control", None, 5)]
    assert finding["sentence"] == (
        "acme has sent no invoice for 2026-10 yet, as it did for a month before; about 5 EUR is to be "
        "expected: import it when it comes."
    )
    acme.connection.execute("UPDATE staging.vendor_transaction SET usage_date = DATE '2026-06-01'")
    assert found(acme) == []


def test_a_line_for_no_sku_is_a_leak(acme: Told) -> None:
    """Nobody is billed for it. A credit or a tax without product is none."""
    charge(acme.connection, "5.00", 5)
    charge(acme.connection, "4.50", 1, sku=None, product="Archive", description="Archive, 1 TB")
    charge(acme.connection, "-2.00", sku=None, product=None, kind="credit", account=None)
    charge(acme.connection, "9.00", sku=None, product=None, kind="tax", account=None)
    (finding,) = found(acme)
    assert in_short([finding])[0][:2] == ("R-34", "leak")
    assert finding["amount_at_risk"] == Decimal("4.50")
    assert "for Archive, 1 TB, which is no SKU here" in finding["sentence"]


def test_the_sku_of_a_product_is_that_of_the_reference(acme: Told) -> None:
    """Where all of its meters are sold as one."""
    acme.has("sku_mapping", {"vendor": "acme", "product": "Seat", "meter": "active_seats", "sku": "seat",
                             "aggregation": "peak"})  # fmt: skip
    charge(acme.connection, "5.00", 5, sku=None)
    assert found(acme) == []


def test_what_we_pay_for_and_bill_nobody_is_a_leak(acme: Told) -> None:
    """A customer without terms; an excluded account and a trial are meant to cost us."""
    acme.map("c", "cyd")
    acme.map("demo", None, reason="A demo", valid_to=date(2027, 1, 1))
    charge(acme.connection, "5.00", 5)
    for account, quantity, trial in (("c", 4, False), ("demo", 3, False), ("b", 2, True)):
        acme.told(quantity, account, is_trial=trial)
        charge(acme.connection, str(quantity), quantity, account=account)
    (finding,) = found(acme)
    assert in_short([finding]) == [("R-34", "leak", "c", 4)]
    assert "and no invoice or draft of ours has it" in finding["sentence"]


@pytest.mark.parametrize(("amount", "direction"), [("5.50", "cost"), ("4.50", "control")])
def test_the_right_quantity_at_another_price(acme: Told, amount: str, direction: str) -> None:
    """To the cent, by the cost card; it stops nothing."""
    charge(acme.connection, amount, 5, unit_price=Decimal(amount) / 5)
    (finding,) = found(acme)
    assert in_short([finding]) == [("R-33", direction, "a", Decimal("0.50"))]
    assert (finding["expected"], finding["actual"], finding["stops"]) == (5, Decimal(amount), "no")


def test_tiers_that_usage_of_nobody_takes_up_are_no_other_price(acme: Told) -> None:
    """Ten seats of ours make 8 EUR, twelve make 9: at 0.75 each the vendor is right, and so are we."""
    tiers = (
        {"tier_to": Decimal(6), "unit_price": Decimal(1)},
        {"tier_from": Decimal(6), "unit_price": Decimal("0.5")},
    )
    (cost,) = (row for row in acme.reference["rate"] if row["rate_card"] == "cost")
    acme.reference["rate"].remove(cost)
    acme.has("rate", *({**cost, "model": "graduated", "pooled": "yes", **tier} for tier in tiers))
    acme.told(5, "b")
    acme.told(2, "nobody")
    for account, quantity, amount in (("a", 5, "3.75"), ("b", 5, "3.75"), ("nobody", 2, "1.50")):
        charge(acme.connection, amount, quantity, account=account)
    assert [finding for finding in found(acme) if finding["code"] == "R-33"] == []
    acme.map("nobody", "bob")
    assert found(acme) == []


def test_one_price_for_all_is_asked_whoever_the_usage_is(acme: Told) -> None:
    """Usage of nobody changes nothing for the others where there are no tiers."""
    acme.told(2, "nobody")
    charge(acme.connection, "5.50", 5)
    charge(acme.connection, "2.00", 2, account="nobody")
    (finding,) = (finding for finding in found(acme) if finding["code"] == "R-33")
    assert in_short([finding]) == [("R-33", "cost", "a", Decimal("0.50"))]


def test_another_currency_is_compared_at_the_frozen_rate(acme: Told) -> None:
    """The vendor took one of its own."""
    rate = {"fx_set": "s", "from_currency": "USD", "to_currency": "EUR", "rate": Decimal("0.8")}
    acme.has("fx_rate", rate | {"source": "Bank", "quoted_on": SEPTEMBER})
    charge(acme.connection, "6.50", 5, currency="USD")
    (finding,) = found(acme)
    assert in_short([finding]) == [("R-33", "cost", "a", Decimal("0.20"))]


def test_an_invoice_without_accounts_is_compared_in_all(acme: Told) -> None:
    """By SKU; a difference is one of the whole, in quantity or in amount."""
    acme.told(3, "b")
    charge(acme.connection, "8.00", 8, account=None)
    assert found(acme) == []
    charge(acme.connection, "1.00", 1, account=None)
    (finding,) = found(acme)
    assert in_short([finding]) == [("R-31", "cost", None, 1)]
    assert "of all customers in 2026-10; used were 8 seats" in finding["sentence"]


def test_a_line_without_quantity_is_compared_by_its_amount(acme: Told) -> None:
    """Whatever it counts."""
    charge(acme.connection, "5.00")
    assert found(acme) == []
    charge(acme.connection, "0.75")
    (finding,) = found(acme)
    assert in_short([finding]) == [("R-31", "cost", "a", Decimal("0.75"))]


def test_a_price_for_no_usage_is_billed_once(acme: Told) -> None:
    """A flat price of two connections' zeros stands beside one of them."""
    acme.reference["rate"][0] |= {"model": "flat", "unit_price": Decimal(50)}
    acme.map("a", "ann", connection="second")
    acme.has("vendor_terms", {"vendor": "acme", "connection": "second", "rate_card": "cost"})
    acme.pulled("seen", connection="second")
    acme.readings.clear()
    acme.told(0)
    acme.told(0, stream="seen", connection="second")
    found(acme)
    assert sorted(match(acme, "billed_amount, billed_quantity")) == [(0, 0), (50, 0)]


def test_an_account_that_changed_hands_has_one_line(acme: Told) -> None:
    """Ann had it until the 15th and bob has it since: together they used what the vendor charges."""
    acme.readings.clear()
    acme.reference["account_mapping"].clear()
    acme.map("a", "ann", valid_to=date(2026, 10, 16))
    acme.map("a", "bob", valid_from=date(2026, 10, 16))
    acme.told(5, days=month_days(OCTOBER))
    charge(acme.connection, "10.00", 10)  # each is billed for the five that it had at most
    assert found(acme) == []
    assert match(acme, "used_quantity, billed_quantity") == [(10, 10)]
