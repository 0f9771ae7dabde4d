"""Quantities out of line: what is one, what it is worth, and what comes and goes by nature."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from statistics import median
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.warehouse.invoiced import NOVEMBER, OCTOBER, Books, books
from warehouse.build import fill
from warehouse.calendar import month_before, month_days, set_months
from warehouse.models import models
from warehouse.reconciliation.catalogue import checks

D = Decimal


@pytest.fixture
def book() -> Iterator[Books]:
    with books() as made:
        made.terms(OCTOBER, "ann")
        yield made


def used(book: Books, *quantities: str | int, customer: str = "ann", **changed: object) -> None:
    """Quantities of the months up to October, at 0.5 EUR each."""
    for back, quantity in enumerate(reversed(quantities)):
        book.insert(
            "reconciliation.customer_volume",
            {
                "month": month_before(OCTOBER, back),
                "customer_id": customer,
                "sku": "gb",
                "quantity": D(quantity),
                "fewest": 2,
                "most": 3,
                "priced_quantity": D(quantity),
                "charged": D(quantity) / 2,
                **changed,
            },
        )


def outliers(book: Books) -> list[dict[str, Any]]:
    """What the check finds in the series as they were written, by customer."""
    set_months(book.connection, [OCTOBER], month_days(OCTOBER)[-1])
    (sql,) = (check.sql for check in checks() if check.name == "volume_outlier")
    book.connection.execute("DELETE FROM reconciliation.discrepancy")
    book.connection.execute(f"INSERT INTO reconciliation.discrepancy BY NAME {sql}")
    (finding,) = (model for model in models() if model.name == "reconciliation.finding")
    fill(book.connection, finding, [OCTOBER])
    result = book.connection.execute("SELECT * FROM reconciliation.finding ORDER BY customer_id")
    names = [column[0] for column in result.description or ()]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def test_a_jump_is_worth_what_it_costs_at_the_price_billed(book: Books) -> None:
    """Against the median of the months before, which one odd month of them does not move."""
    used(book, 990, 5000, 1010, 1000, 1020, 3000)
    (finding,) = outliers(book)
    assert finding["code"] == "R-38"
    assert (finding["customer_id"], finding["billed_customer_id"], finding["sku"]) == ("ann", "ann", "gb")
    assert (finding["expected"], finding["actual"], finding["difference"]) == (D(1010), D(3000), D(1990))
    assert (finding["amount_at_risk"], finding["currency"]) == (D(995), "EUR")
    assert (finding["direction"], finding["severity"]) == ("over_bill", "warns")
    assert finding["sentence"] == (
        "Customer ann used 3000 GB of Storage in 2026-10, where 1010 is the middle of the 5 months before it "
        "in which as many readings a day were told: compare them with what the vendor shows, ask the "
        "customer, and acknowledge the finding when it is so."
    )


def test_a_fall_is_a_leak(book: Books) -> None:
    """What fell to nothing is worth what it cost last; the middle of four months lies between two of them."""
    used(book, 990, 1010, 1000, 1020)
    book.connection.execute("UPDATE reconciliation.customer_volume SET month = month - INTERVAL 1 MONTH")
    used(book, 0)
    (finding,) = outliers(book)
    assert (finding["expected"], finding["direction"]) == (D(1005), "leak")
    assert finding["amount_at_risk"] == D("502.5")


@pytest.mark.parametrize(
    "quantities",
    [
        (1000, 1000, 3000),  # two months are no series
        (1000, 1200, 1500, 1900, 2400, 3000),  # growth
        (3000, 2400, 1900, 1500, 1200, 1000),
        (1000, 2000, 4000, 8000),
        (1000, 1000, 1000, 1500),  # by half
        (100, 100, 100, 300),  # by 100 EUR
        (0, 0, 0, 3000),  # new
        (1000, 1800, 900, 1900, 1300, 2600),  # restless
    ],
)
def test_what_grows_begins_or_is_restless_is_none(book: Books, quantities: tuple[int, ...]) -> None:
    """And so is what is worth little."""
    used(book, *quantities)
    assert outliers(book) == []


@pytest.mark.parametrize("changed", [{"most": 4}, {"fewest": 0}])
def test_what_comes_or_goes_explains_a_jump(book: Books, changed: dict[str, int]) -> None:
    """A resource more, or one that was not there on every day."""
    used(book, 1000, 1000, 1000, 1000)
    assert outliers(book) == []
    book.connection.execute(
        "UPDATE reconciliation.customer_volume SET quantity = 3000 WHERE month = ?", [OCTOBER]
    )
    assert len(outliers(book)) == 1
    ((name, value),) = changed.items()
    book.connection.execute(
        f"UPDATE reconciliation.customer_volume SET {name} = ? WHERE month = ?", [value, OCTOBER]
    )
    assert outliers(book) == []


def test_a_threshold_is_of_the_books(book: Books) -> None:
    """1,000 yen more are 6 euro: no finding; 100,000 are 600."""
    book.connection.execute("UPDATE billing.customer_terms SET currency = 'JPY'")
    book.insert(
        "reconciliation.book_rate",
        {
            "month": OCTOBER,
            "billing_entity_id": "us",
            "currency": "JPY",
            "book_currency": "EUR",
            "rate": D("0.006"),
        },
    )
    used(book, 1000, 1000, 1000, 3000)
    assert outliers(book) == []
    book.connection.execute("UPDATE reconciliation.customer_volume SET charged = charged * 100")
    (finding,) = outliers(book)
    assert (finding["amount_at_risk"], finding["currency"]) == (D(600), "EUR")


def test_a_month_that_is_not_over_is_not_compared(book: Books) -> None:
    """What adds up from day to day is not whole before."""
    used(book, 1000, 1000, 1000, 3000)
    book.connection.execute("DELETE FROM reconciliation.discrepancy")
    set_months(book.connection, [OCTOBER], date(2026, 10, 20))
    (check,) = (model for model in models() if model.name == "reconciliation.discrepancy")
    assert fill(book.connection, check, [OCTOBER]) == 0


def test_months_long_ago_do_not_count(book: Books) -> None:
    """Six months back is as far as it looks."""
    used(book, 1000, 1000, 1000, 1000)
    book.connection.execute(
        "UPDATE reconciliation.customer_volume SET month = month - INTERVAL 6 MONTH WHERE month < ?",
        [OCTOBER],
    )
    book.connection.execute(
        "UPDATE reconciliation.customer_volume SET quantity = 3000 WHERE month = ?", [OCTOBER]
    )
    assert outliers(book) == []


@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
@given(
    st.lists(
        st.lists(
            st.one_of(st.integers(1, 5000), st.integers(900, 1100)).map(lambda n: D(n).scaleb(-1)),
            min_size=2,
            max_size=8,
        ),
        min_size=20,
        max_size=40,
    )
)
def test_the_median_and_the_deviation_are_those_of_statistics(many: list[list[Decimal]]) -> None:
    """Worked out anew in Python, for series of every length."""
    expected: dict[str, Any] = {}
    with books() as book:
        for n, series in enumerate(many):
            name = f"c{n}"
            book.terms(OCTOBER, name)
            used(book, *series, customer=name, charged=D(1000), priced_quantity=D(1))
            past, now = series[-7:-1], series[-1]
            if len(past) < 3:
                continue
            middle = median(past)
            spread = median([abs(value - middle) for value in past])
            if abs(now - middle) > max(6 * spread, middle / 2):
                expected[name] = (middle, abs(now - middle) * 1000)
        got = {row["customer_id"]: (row["expected"], row["amount_at_risk"]) for row in outliers(book)}
    assert got == expected


def test_what_is_read_of_a_day_is_counted(book: Books) -> None:
    """Of two vendors that feed a SKU; a day that one of them lists nothing on counts as none."""
    book.terms(NOVEMBER, "ann")
    record = {
        "month": NOVEMBER,
        "customer_id": "ann",
        "connection": "default",
        "meter": "used",
        "sku": "gb",
        "dimension": "",
        "billable": True,
        "aggregation": "peak",
        "quantity": D(10),
        "days_expected": 3,
        "days_reported": 3,
        "days_filled": 0,
        "gap_policy": "carry",
        "readings": 9,
        "on_trial": False,
    }
    source = "00000000-0000-0000-0000-000000000001"
    for vendor, owner, readings in (("acme", 1, (2, 3, 2)), ("zeta", 2, (4, 4))):
        key = f"{vendor}-used"
        book.insert(
            "billing.usage_record",
            {**record, "usage_record_id": key, "vendor": vendor, "owner": owner, "sold": owner},
        )
        book.insert(
            "billing.charge_usage",
            {"charge_id": "storage", "usage_record_id": key, "month": NOVEMBER, "side": "sell"}
            | {"customer_id": "ann", "currency": "EUR", "aggregation": "peak", "quantity": D(10)},
        )
        for day, count in enumerate(readings, start=1):
            book.insert(
                "billing.daily_usage",
                {
                    "month": NOVEMBER,
                    "usage_date": NOVEMBER.replace(day=day),
                    "owner": owner,
                    "on_trial": False,
                }
                | {"sold": owner, "source": source, "quantity": D(1), "readings": count, "positive": 1},
            )
    book.insert(
        "billing.rated_quantity",
        {"charge_id": "storage", "month": NOVEMBER, "side": "sell", "billing_entity_id": "us"}
        | {
            "billed_customer_id": "ann",
            "customer_id": "ann",
            "vendor": "",
            "connection": "",
            "currency": "EUR",
        }
        | {
            "rate_card": "card",
            "price_id": "p",
            "sku": "gb",
            "dimension": "",
            "pooled": False,
            "customers": 1,
        }
        | {"quantity": D(20), "subject": "", "metered": ""},
    )
    book.charge(NOVEMBER, "ann", 7, charge_id="storage")
    book.charge(NOVEMBER, "ann", 3, charge_id="storage", kind="minimum")
    set_months(book.connection, [NOVEMBER], NOVEMBER.replace(day=30))
    (volume,) = (model for model in models() if model.name == "reconciliation.customer_volume")
    fill(book.connection, volume, [NOVEMBER])
    assert book.ask("SELECT * EXCLUDE (month) FROM reconciliation.customer_volume") == [
        ("ann", "gb", D(20), 2, 7, D(20), D(10))
    ]
