"""What finance reads beside the invoices: what blocks, margins, accruals, statements of a tree."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from invoiced import LONG_AGO, OCTOBER, SEPTEMBER, Books, books

from tests.reconciliation.checked import look
from warehouse.models import month_days

CHECKS = ("incomplete_pull", "quarantined_rows", "uncharged_usage", "unmapped_account", "margin_below_floor")


@pytest.fixture
def book() -> Iterator[Books]:
    """September of one customer, every day of it landed."""
    with books() as made:
        made.terms(SEPTEMBER, "ann")
        made.land(*month_days(SEPTEMBER))
        yield made


def blockers(book: Books) -> list[tuple[object, ...]]:
    look(book.connection, CHECKS, [SEPTEMBER])
    return book.ask(
        "SELECT stops, kind, sentence, billing_entity_id, billed_customer_id, amount, currency "
        "FROM billing.blocker ORDER BY ALL"
    )


@pytest.mark.parametrize(
    ("cost", "floor", "blocked"),
    [
        ("80", "20", False),
        ("80.000000000000001", "20", True),
        ("100.01", "-0.01", False),
        ("100.02", "-0.01", True),
    ],
)
def test_a_margin_below_the_floor_stops_the_invoice(
    book: Books, cost: str, floor: str, *, blocked: bool
) -> None:
    """To the last decimal: the floor itself is enough, and it may be below zero."""
    book.connection.execute("UPDATE billing.customer_terms SET margin_floor = ?", [Decimal(floor)])
    book.charge(SEPTEMBER, "ann", 100, cost_amount=Decimal(cost))
    book.build(SEPTEMBER)
    left = f"{Decimal(100) - Decimal(cost):f}"
    assert (
        blockers(book)
        == [
            (
                "issue",
                "margin below floor",
                (
                    f"The invoice of Customer ann leaves {left} EUR of 100, and less than {floor} % is not "
                    "to be issued: look at its prices and costs, or change margin_floor in billing_entity."
                ),
                "us",
                "ann",
                Decimal(100),
                "EUR",
            )
        ]
        * blocked
    )


def test_a_margin_that_is_not_known_is_no_good_one(book: Books) -> None:
    """With a floor, unknown costs stop the invoice too; without one they do not."""
    book.charge(SEPTEMBER, "ann", 100)
    book.build(SEPTEMBER)
    assert blockers(book) == []
    book.connection.execute("UPDATE billing.customer_terms SET margin_floor = 1")
    book.build(SEPTEMBER)
    ((stops, _, sentence, *_),) = blockers(book)
    assert stops == "issue"
    assert "a margin that is not known" in str(sentence)


def test_usage_of_nobody_is_priced_at_the_first_rate_card(book: Books) -> None:
    """At the price that names no customer, of the lowest tier; without one the amount is not known."""
    price = {"rate_card": "a", "sku": "gb", "model": "graduated", **LONG_AGO}
    book.reference(
        rate_card=[
            {"rate_card": code, "name": code, "currency": currency, "side": side}
            for code, currency, side in (
                ("0", "EUR", "cost"),
                ("00", "USD", "sell"),
                ("a", "EUR", "sell"),
                ("b", "EUR", "sell"),
            )
        ],
        rate=[
            price | {"tier_from": Decimal(0), "tier_to": Decimal(100), "unit_price": Decimal("0.333")},
            price | {"tier_from": Decimal(100), "unit_price": Decimal("0.1")},
            price | {"customer_id": "ann", "unit_price": Decimal(9)},
            {**price, "sku": "book", "model": "cost_plus", "percent": Decimal(5)},
        ],
    )
    for account, sku, quantity in (
        ("1", "gb", Decimal("10.5")),
        ("1", "book", Decimal(1)),
        ("2", "book", Decimal(1)),
    ):
        key = {"month": SEPTEMBER, "vendor": "acme", "connection": "default", "account_id": account}
        book.insert("billing.unmapped_usage", {**key, "sku": sku, "dimension": "", "quantity": quantity})
        book.connection.execute("DELETE FROM billing.unmapped_account WHERE account_id = ?", [account])
        book.insert(
            "billing.unmapped_account",
            {**key, "name": "Ann", "first_day": SEPTEMBER, "days": 3, "owner": -int(account)},
        )
    assert blockers(book) == [
        (
            "close",
            "account unmapped",
            (
                "acme account 1 (Ann) has usage on 3 days that belongs to no customer, about 3.5 EUR at the "
                "price of rate card a: add it to account_mapping, or exclude it there with a reason."
            ),
            None,
            None,
            Decimal("3.5"),
            "EUR",
        ),
        (
            "close",
            "account unmapped",
            (
                "acme account 2 (Ann) has usage on 3 days that belongs to no customer: add it to "
                "account_mapping, or exclude it there with a reason."
            ),
            None,
            None,
            None,
            None,
        ),
    ]


def test_usage_that_is_not_charged_blocks_the_close(book: Books) -> None:
    """With who, what, and why."""
    book.insert(
        "billing.uncharged_usage",
        {
            "month": SEPTEMBER,
            "usage_record_id": "r",
            "contract_id": "",
            "billing_entity_id": "us",
            "billed_customer_id": "ann",
            "customer_id": "sub",
            "vendor": "acme",
            "connection": "default",
            "sku": "gb",
            "dimension": "",
            "reason": "no price",
            "why": "Rate card a has no price.",
        },
    )
    assert blockers(book) == [
        (
            "close",
            "usage not charged",
            "Usage of gb by sub (acme default) is not charged. Rate card a has no price.",
            "us",
            "ann",
            None,
            None,
        )
    ]


@pytest.mark.parametrize(("status", "blocks"), [("failed", True), ("refused", False)])
def test_a_failed_pull_blocks_the_close_and_a_gap_does_not(book: Books, status: str, *, blocks: bool) -> None:
    """Failed may come right tonight; what the vendor cannot tell any more is for the gap policy."""
    book.land(SEPTEMBER, pull_id="x", vendor="acme", stream="s", status=status, reason="The vendor was down.")
    found = [row[1:5] for row in blockers(book) if row[1] != "pull missing"]
    assert found == [("pull failed", "The vendor was down.", None, None)] * blocks


def test_rows_in_quarantine_block_the_close(book: Books) -> None:
    """They may be somebody's usage."""
    book.land(SEPTEMBER, pull_id="x", stream="s", quarantined=2, vendor_total=2)
    assert [row[:2] for row in blockers(book)] == [("close", "rows quarantined")]


def test_a_price_list_in_quarantine_does_not(book: Books) -> None:
    """What a vendor asks for its products is nobody's usage."""
    book.land(SEPTEMBER, pull_id="x", vendor="acme", stream="prices", quarantined=2)
    book.insert(
        "staging.vendor_price",
        {
            "vendor": "acme",
            "connection": "default",
            "product": "p",
            "price_kind": "list",
            "price": Decimal(1),
            "usage_date": SEPTEMBER,
            "pull_id": "x",
        },
    )
    assert "rows quarantined" not in {row[1] for row in blockers(book)}


def test_margin_tells_what_is_known_from_what_is_not(book: Books) -> None:
    """By vendor and SKU; credit notes count in, voided invoices out."""
    for vendor, sku in (("acme", "gb"), ("zeta", "gb"), ("acme", "book")):
        book.insert(
            "billing.usage_record",
            {
                "usage_record_id": f"{vendor}{sku}",
                "month": SEPTEMBER,
                "customer_id": "ann",
                "vendor": vendor,
                "connection": "default",
                "meter": "m",
                "sku": sku,
                "dimension": "",
                "billable": True,
                "aggregation": "sum",
                "days_expected": 30,
                "days_reported": 30,
                "days_filled": 0,
                "gap_policy": "carry",
                "readings": 1,
                "owner": 1,
                "on_trial": False,
                "sold": 1,
            },
        )
    book.charge(SEPTEMBER, "ann", 100, cost_amount=Decimal(60))
    book.charge(SEPTEMBER, "ann", -10, kind="discount")
    book.charge(SEPTEMBER, "ann", 20, sku="book")
    book.charge(SEPTEMBER, "ann", 5, sku="book", tier_no=2, cost_amount=Decimal(1))
    book.charge(SEPTEMBER, "ann", 7, sku="", kind="contract")
    book.build(SEPTEMBER)
    columns = "sku, vendor, revenue, revenue_of_unknown_cost, cost, margin"
    wanted = [
        ("", "", 7, 0, 0, 7),
        ("book", "acme", 25, 20, None, None),
        ("gb", "acme, zeta", 90, 0, 60, 30),
    ]
    assert book.ask(f"SELECT {columns} FROM billing.margin ORDER BY sku") == wanted
    number = book.issue(SEPTEMBER, "ann")
    book.build(SEPTEMBER)
    assert book.ask(f"SELECT {columns} FROM billing.margin ORDER BY sku") == wanted
    book.void(number)
    book.build(SEPTEMBER)
    assert book.ask(f"SELECT {columns} FROM billing.margin ORDER BY sku") == wanted


def test_what_is_given_for_nothing_still_costs(book: Books) -> None:
    """A free tier and a free product have no line; their cost is in the margin all the same."""
    book.charge(SEPTEMBER, "ann", 0, tier_no=1, cost_amount=Decimal(3), quantity=Decimal(10))
    book.charge(SEPTEMBER, "ann", 10, tier_no=2, cost_amount=Decimal(2), quantity=Decimal(5))
    book.charge(SEPTEMBER, "ann", 0, sku="book", cost_amount=Decimal(1))
    book.build(SEPTEMBER)
    wanted = [("book", 0, 1, -1), ("gb", 10, 5, 5)]
    assert book.ask("SELECT sku, revenue, cost, margin FROM billing.margin ORDER BY sku") == wanted
    assert book.ask("SELECT lines, cost, margin FROM billing.invoice") == [(1, 6, 4)]
    book.issue(SEPTEMBER, "ann")
    book.build(SEPTEMBER)
    assert book.ask("SELECT sku, revenue, cost, margin FROM billing.margin ORDER BY sku") == wanted
    assert book.ask("SELECT lines, cost, margin FROM billing.invoice") == [(1, 6, 4)]
    assert book.ask("SELECT * FROM billing.restatement") == []
    book.charge(SEPTEMBER, "ann", 0, sku="book", tier_no=2)
    assert book.ask("SELECT cost, margin FROM billing.invoice") == [(None, None)]


def accrual(book: Books) -> list[tuple[object, ...]]:
    return book.ask(
        "SELECT month, days, days_passed, rated, earned, invoiced, waived, accrued, whole_month "
        "FROM billing.accrual ORDER BY month"
    )


def test_an_accrual_is_what_was_earned_and_not_invoiced(book: Books) -> None:
    """At the end of a month all of it; once it is invoiced only what changed since, until that is waived."""
    book.charge(SEPTEMBER, "ann", "100.005", quantity=Decimal(1))
    book.build(SEPTEMBER)
    assert accrual(book) == [
        (SEPTEMBER, 30, 30, Decimal("100.01"), Decimal("100.01"), 0, 0, Decimal("100.01"), Decimal("100.01"))
    ]
    book.issue(SEPTEMBER, "ann")
    book.build(SEPTEMBER)
    assert accrual(book)[0][5:8] == (Decimal("100.01"), 0, 0)
    book.uncharge(SEPTEMBER, "ann")
    book.charge(SEPTEMBER, "ann", "90.005")
    book.build(SEPTEMBER)
    assert accrual(book)[0][5:8] == (Decimal("100.01"), 0, -10)
    ((restatement,),) = book.ask("SELECT restatement_id FROM billing.restatement")
    book.waive(restatement)
    assert accrual(book)[0][5:8] == (Decimal("100.01"), -10, 0)


def test_the_running_month_is_earned_by_its_days(book: Books) -> None:
    """10 of 31 days: what adds up is earned as metered and runs on; a month's price is earned by the day."""
    book.land(*month_days(OCTOBER)[:10])
    book.charge(OCTOBER, "ann", 31, charge_id="average")
    book.charge(OCTOBER, "ann", 20, tier_no=2, charge_id="sum")
    book.charge(
        OCTOBER,
        "ann",
        100,
        kind="contract",
        service_period_start=date(2026, 11, 1),
        service_period_end=date(2026, 12, 1),
    )
    for charge_id, aggregation in (("average", "average"), ("sum", "sum")):
        book.connection.execute(
            "INSERT INTO billing.charge_usage BY NAME SELECT ? AS charge_id, ? AS aggregation, "
            "? AS usage_record_id, DATE '2026-10-01' AS month, 'sell' AS side, '' AS customer_id, "
            "'' AS currency, 1 AS quantity",
            [charge_id, aggregation, charge_id],
        )
    assert accrual(book) == [(OCTOBER, 31, 10, 151, 30, 0, 0, 30, 193)]


def test_a_statement_goes_up_the_tree_wherever_the_bill_went() -> None:
    """Every customer sees each below it, also those that are billed themselves."""
    with books() as book:
        tree = {"top": None, "mid": "top", "leaf": "mid", "other": "top"}
        book.reference(
            customer=[
                {
                    "customer_id": customer,
                    "name": customer.title(),
                    "kind": "reseller",
                    "parent_customer_id": parent,
                }
                | {"bill_to": "self" if customer in ("top", "leaf") else "parent", **LONG_AGO}
                for customer, parent in tree.items()
            ],
        )
        book.terms(SEPTEMBER, "top", "leaf")
        book.land(SEPTEMBER)
        book.charge(SEPTEMBER, "top", 1)
        book.charge(SEPTEMBER, "top", 2, customer_id="mid")
        book.charge(SEPTEMBER, "top", 8, customer_id="other")
        book.charge(SEPTEMBER, "leaf", 4)
        book.build(SEPTEMBER)
        assert book.ask(
            "SELECT customer_name, depth, below_customer_name, billed_customer_id, amount "
            "FROM billing.statement ORDER BY ALL"
        ) == [
            ("Leaf", 0, "Leaf", "leaf", 4),
            ("Mid", 0, "Mid", "top", 2),
            ("Mid", 1, "Leaf", "leaf", 4),
            ("Other", 0, "Other", "top", 8),
            ("Top", 0, "Top", "top", 1),
            ("Top", 1, "Mid", "top", 2),
            ("Top", 1, "Other", "top", 8),
            ("Top", 2, "Leaf", "leaf", 4),
        ]
