"""What vendors sum themselves, beside what their readings add up to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import duckdb
import pytest

from tests.reconciliation.told import OCTOBER, in_short
from tests.reconciliation.watched import GB, Watched
from warehouse.calendar import month_days

FIFTH, SIXTH = date(2026, 10, 5), date(2026, 10, 6)
DAYS = month_days(OCTOBER)


@pytest.fixture
def october() -> Iterator[Watched]:
    with duckdb.connect() as connection:
        yield Watched(connection)


@pytest.mark.parametrize("check", ["vendor_sum", "unit_base"])
def test_sums_that_agree_are_no_finding(october: Watched, check: str) -> None:
    """Nor is a meter that is not sold, a resource that only the second list knows, or another kind."""
    october.uses("infrascale", 60 * GB)
    october.uses("infrascale", 40 * GB, resource="s")
    october.uses("infrascale", 5 * GB, resource="box", resource_type="appliance", product="appliance")
    october.sums("infrascale", 100 * GB)
    october.sums("infrascale", 60 * GB, "resource", None, resource_id="r")
    october.sums("infrascale", 7 * GB, "resource", None, resource_id="cancelled")
    october.sums("infrascale", 999 * GB, meter="quota_bytes")
    october.uses("redstor", 3, "active_seats", "own")
    october.uses("redstor", 7, "active_seats")
    october.uses("redstor", 8, "active_seats", "b")
    october.sums("redstor", 3, account="own", meter="active_seats", unit="seats")
    october.sums("redstor", 15, "below", "own", meter="active_seats", unit="seats")
    assert october.findings(check) == []


def test_sums_of_the_largest_readings_are_compared(october: Watched) -> None:
    """Two of them have more digits than any reading, and what is tolerated is a percentage."""
    october.uses("infrascale", 2**63 - 1)
    october.uses("infrascale", 2**63 - 1, resource="s")
    october.sums("infrascale", 100 * GB)
    october.has("tolerance", {"code": "R-52", "currency": "", "percent": Decimal(5)})
    (finding,) = october.findings("vendor_sum")
    assert (finding["code"], finding["actual"]) == ("R-52", 2**64 - 2)


def test_a_day_without_readings_is_not_compared(october: Watched) -> None:
    """That they are missing is for another check to say."""
    october.sums("infrascale", 100 * GB)
    october.uses("infrascale", 100 * GB, days=DAYS[:10])
    assert october.findings("vendor_sum") == []


def test_an_account_that_no_list_shows_is_money_not_billed(october: Watched) -> None:
    """The difference over the month at list price, in the books of the customer's entity."""
    october.uses("infrascale", 100 * GB)
    october.sums("infrascale", 150 * GB)
    (finding,) = october.findings("vendor_sum")
    assert in_short([finding]) == [("R-52", "leak", "a", Decimal("5.00"))]
    assert (finding["expected"], finding["actual"]) == (150 * GB, 100 * GB)
    assert (finding["customer_id"], finding["billing_entity_id"]) == ("ann", "eu")
    assert finding["sentence"] == (
        "infrascale/sums sums 150000000000 bytes of used_bytes for account a on 2026-10-31, and its readings "
        "come to 100000000000 (so on 31 days): see that the credentials are shown every account, and ask the "
        "vendor what is missing."
    )


def test_a_sum_that_is_smaller_may_be_billed_too_much(october: Watched) -> None:
    """Days that differ count for their share of the month."""
    october.uses("xopero", 620 * GB)
    october.sums("xopero", 620 * GB, days=DAYS[1:])
    october.sums("xopero", 0, days=DAYS[:1])
    (finding,) = october.findings("vendor_sum")
    assert in_short([finding]) == [("R-52", "over_bill", "a", Decimal("2.00"))]
    assert "on 2026-10-01, and" in finding["sentence"]


def test_a_second_list_of_resources_is_held_against_the_first(october: Watched) -> None:
    """Whose account it is, the readings say."""
    october.uses("infrascale", 100 * GB, resource="pc")
    october.sums("infrascale", 130 * GB, "resource", None, resource_id="pc")
    (finding,) = october.findings("vendor_sum")
    assert in_short([finding]) == [("R-52", "leak", "a", Decimal("3.00"))]
    assert finding["subject"] == "sums resource pc used_bytes"


def test_all_that_is_below_us_is_one_sum(october: Watched) -> None:
    """A company that our credentials are not shown; nobody's, so in the books of the first entity."""
    october.uses("redstor", 3, "active_seats", "own")
    october.uses("redstor", 7, "active_seats")
    october.sums("redstor", 3, account="own", meter="active_seats", unit="seats")
    october.sums("redstor", 12, "below", "own", meter="active_seats", unit="seats")
    (finding,) = october.findings("vendor_sum")
    assert in_short([finding]) == [("R-08", "leak", "own", Decimal("10.00"))]
    assert finding["customer_id"] is None


def test_differences_below_a_euro_are_tolerated(october: Watched) -> None:
    """Sums and readings are not read in the same second."""
    october.uses("infrascale", 100 * GB)
    october.sums("infrascale", 110 * GB)
    assert october.findings("vendor_sum") == []


@pytest.mark.parametrize(("assigned", "found"), [(100, 0), (101, 1)])
def test_no_more_is_assigned_than_the_licence_has(october: Watched, assigned: int, found: int) -> None:
    """What the vendor makes of it nobody knows, so there is no money in it."""
    october.uses("xopero", 100, "capacity_bytes")
    october.sums("xopero", assigned, meter="assigned_bytes")
    findings = october.findings("vendor_sum")
    assert [(row["code"], row["direction"], row["amount_known"]) for row in findings] == [
        ("R-52", "control", False)
    ] * found


def balance(october: Watched, *money: int) -> None:
    """What is left with ResellerClub at the end of the first days of October."""
    for day, left in zip(DAYS, money, strict=False):
        october.sums(
            "resellerclub", left, account="7", days=[day], meter="balance", unit="EUR", stream="balance"
        )


def test_a_balance_that_its_transactions_explain_is_no_finding(october: Watched) -> None:
    """One that stands on the day after the balance that knows it, too."""
    balance(october, 100, 60, 55, 55)
    october.pays(-40, DAYS[1])
    october.pays(-5, DAYS[3])
    assert october.findings("vendor_sum") == []


def test_money_that_left_without_a_transaction_is_a_cost(october: Watched) -> None:
    """By what the balance changed more."""
    balance(october, 100, 60, 55)
    october.pays(-40, DAYS[1])
    (finding,) = october.findings("vendor_sum")
    assert in_short([finding]) == [("R-52", "cost", "7", Decimal("5.00"))]


@pytest.mark.parametrize(
    ("accounts", "told", "found"),
    [
        (3, 1024 * GB, ["sums used_bytes KB and KiB"]),
        (3, 1_073_741_824_000, ["sums used_bytes GB and GiB"]),
        (3, 976_562_500_000, ["sums used_bytes KB and KiB"]),
        (3, 1_030 * GB, []),
        (2, 1024 * GB, []),
    ],
)
def test_three_accounts_that_differ_by_a_unit_are_a_suspicion(
    october: Watched, accounts: int, told: int, found: list[str]
) -> None:
    """Either way round; another multiple is none, and two accounts may be chance."""
    for account in ("x", "y", "z")[:accounts]:
        october.uses("infrascale", 1000 * GB, account=account)
        october.sums("infrascale", told, account=account, days=[FIFTH, SIXTH])
    assert [row["subject"] for row in october.findings("unit_base")] == found
