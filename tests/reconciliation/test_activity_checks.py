"""What backups and subscriptions say, beside what is billed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from tests.reconciliation.told import ALWAYS, OCTOBER, SEPTEMBER, SOLD, in_short
from tests.reconciliation.watched import GB, STREAMS, Watched
from warehouse.calendar import month_before, month_days

DAYS = month_days(OCTOBER)
FORTNIGHT = DAYS[-14:]
CHECKS = (
    "billed_without_backup",
    "stale_usage",
    "history_against_state",
    "cancelled_still_used",
    "quota_exceeded",
    "trial_contradiction",
    "device_twice",
)


@pytest.fixture
def october() -> Iterator[Watched]:
    with duckdb.connect() as connection:
        yield Watched(connection)


@pytest.mark.parametrize("check", CHECKS)
def test_a_month_in_which_all_is_well_has_nothing(october: Watched, check: str) -> None:
    """Growth, a backup that failed, an account that came late, one that left, trials, a full quota, zeros."""
    for n, day in enumerate(DAYS):
        october.uses("infrascale", (100 + n) * GB, days=[day], resource="pc")
    october.uses("infrascale", 10 * GB, "quota_bytes", resource="pc")
    october.backs_up("infrascale", "pc", "Ok", days=DAYS[:20], uploaded=90 * GB)
    october.backs_up("infrascale", "pc", "Error", days=DAYS[20:])
    october.uses("infrascale", GB, resource="new", days=FORTNIGHT[1:])
    october.uses("infrascale", GB, resource="gone", days=DAYS[:-1])
    october.uses("infrascale", 0, resource="zero")
    october.backs_up("infrascale", "gone", "Ok", days=DAYS)
    october.uses("redstor", 4, "active_seats")
    october.holds()
    october.backs_up("redstor", "product-4", "failed", detail='{"success": 3, "failed": 1}')
    october.uses("redstor", 4, "active_seats", resource="t", is_trial=True)
    october.holds("t", is_trial=True)
    october.uses("revirt365", 5, "active_seats", "b")
    october.backs_up("revirt365", "job", "Warning", account="b", uploaded=GB)
    october.uses("xopero", GB, account="b", resource="2304", resource_name="Ann Lee")
    october.uses("infrascale", 2 * GB, account="b", resource_name="Ann Lee")
    october.backs_up("infrascale", "r", "Ok", account="b")
    assert october.findings(check) == []


@pytest.mark.parametrize(
    ("vendor", "meter", "event", "status"),
    [
        ("infrascale", "used_bytes", "r", "Error"),
        ("redstor", "protected_bytes", "product-4", "failed"),
        ("revirt365", "protected_bytes", "job", "Failed"),
    ],
)
def test_what_was_not_backed_up_for_a_fortnight_is_billed_all_the_same(
    october: Watched, vendor: str, meter: str, event: str, status: str
) -> None:
    """The month's usage of it, at list price; what nobody pays for does not count."""
    october.uses(vendor, 100 * GB, meter)
    october.uses(vendor, 9, "inactive_seats", resource="unsold")
    october.holds()
    october.backs_up(vendor, event, "success" if vendor == "redstor" else "Ok", days=DAYS[:-14])
    october.backs_up(vendor, event, status, days=FORTNIGHT)
    (finding,) = october.findings("billed_without_backup")
    assert in_short([finding]) == [("R-19", "over_bill", "a", Decimal("10.00"))]
    assert finding["sentence"] == (
        f"No backup of r of ann ({vendor} account a) ran well in the fortnight before 2026-11-01, and it is "
        "billed as disk: mend its backups, or have it removed at the vendor."
    )


def test_a_night_whose_backups_were_not_told_is_no_silence(october: Watched) -> None:
    """Without the vendor's word on every day of the fortnight nobody knows."""
    october.uses("infrascale", 100 * GB)
    october.not_pulled("history_events", FORTNIGHT[3])
    assert october.findings("billed_without_backup") == []


def test_backups_of_a_vendor_that_does_not_offer_to_tell_them_are_no_silence(october: Watched) -> None:
    """The pull of such a stream stands, without an answer of the vendor."""
    october.uses("revirt365", 5, "active_seats")
    october.pulled("sessions", vendor="revirt365", pages=0, rows=0)
    assert october.findings("billed_without_backup") == []


def test_stored_bytes_that_stand_still_while_much_is_uploaded_are_stale(october: Watched) -> None:
    """The fortnight's share of the month, at list price."""
    october.uses("infrascale", 310 * GB)
    october.backs_up("infrascale", "r", "Ok", uploaded=3 * GB, days=FORTNIGHT)
    (finding,) = october.findings("stale_usage")
    assert in_short([finding]) == [("R-04", "leak", "a", Decimal("14.00"))]


@pytest.mark.parametrize(("uploaded", "changes"), [(2 * GB, False), (3 * GB, True)])
def test_small_uploads_and_small_changes_are_not_stale(
    october: Watched, uploaded: int, *, changes: bool
) -> None:
    """A backup that replaces what is there need not grow it, and one byte is a change."""
    october.uses("infrascale", 310 * GB, days=DAYS[:-1])
    october.uses("infrascale", 310 * GB + changes, days=DAYS[-1:])
    october.backs_up("infrascale", "r", "Ok", uploaded=uploaded, days=FORTNIGHT)
    assert october.findings("stale_usage") == []


def test_backups_of_what_is_not_listed_any_more_are_activity_that_nothing_bills(october: Watched) -> None:
    """As if its last reading still held on those days: 31 of 310 GB-days."""
    october.uses("infrascale", 310 * GB, days=DAYS[:-2])
    october.uses("infrascale", GB, resource="other")
    october.backs_up("infrascale", "r", "Ok")
    (finding,) = october.findings("history_against_state")
    assert in_short([finding]) == [("R-48", "leak", "a", Decimal("2.00"))]
    assert finding["sentence"] == (
        "infrascale account a of ann has backups without usage: r, on 2 days since 2026-10-30, and nothing "
        "bills it: ask the vendor for its usage."
    )


def test_backups_of_what_was_never_listed_have_no_price(october: Watched) -> None:
    """They are a finding all the same."""
    october.uses("revirt365", 5, "active_seats", "b")
    october.backs_up("revirt365", "job", "Success")
    (finding,) = october.findings("history_against_state")
    assert (finding["amount_known"], finding["customer_id"]) == (False, "ann")


def test_a_day_whose_usage_was_not_told_contradicts_nothing(october: Watched) -> None:
    """The vendor's list must be there to have something missing."""
    october.uses("infrascale", 310 * GB)
    october.backs_up("infrascale", "r", "Ok")
    october.not_pulled("accounts", DAYS[4])
    october.not_pulled("accounts", DAYS[5])
    assert october.findings("history_against_state") == []


def test_usage_of_a_stream_that_is_not_offered_is_no_list_to_be_missing_from(october: Watched) -> None:
    """A file tells the seats in its place."""
    october.uses("revirt365", 5, "active_seats", resource_type="file", quality="manual")
    october.pulled("usage", vendor="revirt365", pages=0, rows=0)
    october.backs_up("revirt365", "job", "Success")
    assert october.findings("history_against_state") == []


def test_subscriptions_and_usage_of_redstor_match(october: Watched) -> None:
    """An active one without usage is not billed; usage of one that is not active is, and perhaps wrongly."""
    october.uses("redstor", 4, "active_seats")
    october.holds(status="inactive")
    october.holds("silent")
    found = october.findings("history_against_state")
    assert in_short(found) == [
        ("R-48", "leak", "a", Decimal(0)),
        ("R-48", "over_bill", "a", Decimal("8.00")),
    ]
    assert [row["amount_known"] for row in found] == [False, True]


@pytest.mark.parametrize(("valid_to", "amount"), [("2026-09-01", "3.00"), ("2026-09-02", None), (None, None)])
def test_who_left_a_month_ago_costs_us_what_it_still_uses(
    october: Watched, valid_to: str | None, amount: str | None
) -> None:
    """By the vendor's card; the thirty days after are for the vendor to clear up in."""
    ends = None if valid_to is None else date.fromisoformat(valid_to)
    october.reference["customer"][0] |= {"valid_from": date(2020, 1, 1), "valid_to": ends}
    october.uses("redstor", 3, "active_seats")
    october.has("vendor_terms", {"vendor": "redstor", "connection": "default", "rate_card": "cost"})
    expected = [] if amount is None else [("R-18", "cost", None, Decimal(amount))]
    assert in_short(october.findings("cancelled_still_used")) == expected


def bytes_beyond_the_quota(october: Watched, vendor: str, quota: str) -> None:
    october.uses(vendor, 130 * GB, resource="r")
    october.uses(vendor, 100 * GB, quota, resource="r")
    october.uses(vendor, 7 * GB, account="b")
    october.uses(vendor, 0, quota, "b")


@pytest.mark.parametrize(("vendor", "quota"), [("infrascale", "quota_bytes"), ("xopero", "capacity_bytes")])
def test_bytes_beyond_a_quota_that_is_what_is_sold_are_given_away(
    october: Watched, vendor: str, quota: str
) -> None:
    """At the price of the quota; a quota of 0 is none."""
    bytes_beyond_the_quota(october, vendor, quota)
    for table in ("meter", "sku_mapping"):
        for row in october.reference[table]:
            if (row["vendor"], row["meter"]) == (vendor, "used_bytes"):
                row["meter"] = quota
    assert in_short(october.findings("quota_exceeded")) == [("R-23", "leak", "a", Decimal("3.00"))]


def test_bytes_beyond_a_quota_are_billed_where_bytes_are_sold(october: Watched) -> None:
    """However large the quota is."""
    bytes_beyond_the_quota(october, "infrascale", "quota_bytes")
    assert october.findings("quota_exceeded") == []


@pytest.mark.parametrize(
    ("sold", "amounts"),
    [
        ([("*", "quota_bytes"), ("backup", "quota_bytes")], [Decimal("3.00")]),
        ([("*", "quota_bytes"), ("other", "used_bytes")], [Decimal("3.00")]),
        ([("*", "quota_bytes"), ("backup", "used_bytes")], []),
        ([("backup", "quota_bytes"), ("*", "used_bytes")], []),
    ],
)
def test_what_is_sold_of_every_product_is_sold_of_each_once(
    october: Watched, sold: list[tuple[str, str]], amounts: list[Decimal]
) -> None:
    """Quota or bytes, also beside rows of the product's own."""
    bytes_beyond_the_quota(october, "infrascale", "quota_bytes")
    mappings = october.reference["sku_mapping"]
    mappings[:] = [row for row in mappings if row["vendor"] != "infrascale"]
    october.has("meter", {"vendor": "infrascale", "meter": "quota_bytes", "unit": "bytes"})
    for product, meter in sold:
        row = SOLD | {"vendor": "infrascale", "product": product, "meter": meter, "sku": "disk"}
        october.has("sku_mapping", row | {"aggregation": "average"})
    assert [row["amount_at_risk"] for row in october.findings("quota_exceeded")] == amounts


def test_overage_of_a_product_that_is_sold_without_is_not_billed(october: Watched) -> None:
    """At the price that other products' overage has."""
    october.has("meter", {"vendor": "redstor", "meter": "overage_bytes", "unit": "bytes"})
    sold = {"vendor": "redstor", "meter": "overage_bytes", "sku": "disk", "aggregation": "peak"}
    october.has("sku_mapping", sold | {"product": "mail"})
    october.uses("redstor", 50 * GB, "overage_bytes", product="mail")
    october.uses("redstor", 20 * GB, "overage_bytes", resource="s", product="machines", days=DAYS[5:7])
    assert in_short(october.findings("quota_exceeded")) == [("R-55", "leak", "a", Decimal("2.00"))]


def test_usage_and_subscription_must_agree_on_a_trial(october: Watched) -> None:
    """One way nothing is asked for it, the other way perhaps too much."""
    october.uses("redstor", 4, "active_seats", is_trial=True, days=DAYS[:9])
    october.holds()
    october.uses("redstor", 5, "active_seats", resource="s", is_trial=False)
    october.holds("s", is_trial=True)
    assert in_short(october.findings("trial_contradiction")) == [
        ("R-54", "over_bill", "a", Decimal("10.00")),
        ("R-54", "leak", "a", Decimal("8.00")),
    ]


@pytest.mark.parametrize(("paid_for_a_day", "amounts"), [(False, [Decimal("10.00")]), (True, [])])
def test_a_trial_of_more_than_sixty_days_is_none(
    october: Watched, paid_for_a_day: bool, amounts: list[Decimal]
) -> None:
    """Without a break: a month that is on trial and then paid for is another."""
    past = [day for month in (month_before(SEPTEMBER), SEPTEMBER) for day in month_days(month)]
    october.pulled(*STREAMS["xopero"], vendor="xopero", days=past)
    for day in (*past, *DAYS):
        is_trial = not (paid_for_a_day and day == SEPTEMBER.replace(day=20))
        october.uses("xopero", 100 * GB, days=[day], is_trial=is_trial)
    found = october.findings("trial_contradiction")
    assert [row["amount_at_risk"] for row in found] == amounts
    assert {row["direction"] for row in found} <= {"leak"}


TWICE: dict[str, Any] = {"resource_name": "Desk-7.example"}


def test_a_device_at_two_vendors_is_billed_twice(october: Watched) -> None:
    """By id or name, in whatever case; the cheaper one is at stake."""
    october.uses("infrascale", 50 * GB, resource="desk-7.EXAMPLE")
    october.uses("xopero", 30 * GB, resource="2304", **TWICE)
    (finding,) = october.findings("device_twice")
    assert in_short([finding]) == [("R-47", "over_bill", None, Decimal("3.00"))]
    assert finding["sentence"] == (
        "desk-7.example of ann is protected and billed at infrascale (account a) and xopero (account a): ask "
        "the customer which one it wants to keep."
    )


def test_a_device_of_another_customer_or_on_trial_is_another_matter(october: Watched) -> None:
    """Nor is it one that an account of ours has."""
    october.uses("infrascale", 50 * GB, resource="desk-7.example")
    october.uses("xopero", 30 * GB, account="b", resource="2304", **TWICE)
    october.uses("xopero", 30 * GB, resource="2305", is_trial=True, **TWICE)
    october.reference["account_mapping"].append(
        {"vendor": "xopero", "connection": "default", "account_id": "demo", "state": "excluded"}
        | {"customer_id": "ann", "reason": "A demo"}
        | ALWAYS
    )
    october.uses("xopero", 30 * GB, account="demo", resource="2306", **TWICE)
    assert october.findings("device_twice") == []
