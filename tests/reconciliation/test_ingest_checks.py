"""What is wrong with pulls and readings before anybody is billed for them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import duckdb
import pytest

from connectors.stream import AsOf
from connectors.vendor import vendors
from tests.reconciliation.checked import Finding
from tests.reconciliation.told import NOVEMBER, OCTOBER, SEPTEMBER, Told, in_short
from warehouse.calendar import month_days
from warehouse.models import SQL

FIFTH, SIXTH, TENTH = (date(2026, 10, day) for day in (5, 6, 10))
GIB = 2**30


@pytest.fixture
def acme() -> Iterator[Told]:
    """October, complete."""
    with duckdb.connect() as connection:
        yield Told(connection)


CHECKS = (
    "incomplete_pull",
    "lost_snapshot",
    "quarantined_rows",
    "schema_drift",
    "reading_twice",
    "sentinel_billed",
    "silent_empty",
    "late_snapshot",
)


@pytest.mark.parametrize("check", CHECKS)
def test_a_complete_month_has_nothing(acme: Told, check: str) -> None:
    """With growth, a real zero, a customer that leaves, and one that only begins."""
    acme.told(5)
    acme.told(9, days=month_days(OCTOBER)[9:], resource_id="s")
    acme.told(0, resource_id="t")
    acme.told(4, "b", days=month_days(OCTOBER)[:9])
    acme.told(10**12, meter="used_bytes", unit="bytes", stream="more")
    assert acme.findings(check) == []


def test_a_night_that_nobody_asked_for_is_missing(acme: Told) -> None:
    """One finding a stream and month, which stops the close."""
    acme.not_pulled("usage", FIFTH)
    acme.not_pulled("usage", TENTH)
    (finding,) = acme.findings("incomplete_pull")
    assert (finding["code"], finding["stops"], finding["subject"]) == ("R-01", "close", "usage")
    assert (finding["unit"], finding["difference"]) == ("days", 2)
    assert finding["sentence"] == (
        "acme/usage was never pulled on 2 days between 2026-10-05 and 2026-10-10 (connection default): run "
        "those nights again where the vendor can still tell them."
    )


def test_a_pull_that_failed_is_told_by_its_reason(acme: Told) -> None:
    """The vendor's answer did not prove itself complete, or there was none."""
    acme.pulled("usage", days=[FIFTH], status="failed", reason="The vendor's total is 9, 8 rows arrived.")
    (finding,) = acme.findings("incomplete_pull")
    assert (finding["code"], finding["title"]) == ("R-02", "pull failed")
    assert finding["sentence"] == "The vendor's total is 9, 8 rows arrived."
    assert (finding["unit"], finding["difference"]) == ("days", 1)


def test_what_made_pulls_fail_is_a_finding_of_its_own(acme: Told) -> None:
    """On whichever days and beside whatever else it is the same one: figures are no part of the cause."""
    acme.pulled("usage", days=[SIXTH], status="failed", reason="8 rows of 9.")
    (short,) = acme.findings("incomplete_pull")
    acme.pulled("usage", days=[FIFTH], status="failed", reason="Down.")
    acme.pulled("usage", days=[TENTH], status="failed", reason="7 rows of 9.")
    down, still_short = sorted(acme.findings("incomplete_pull"), key=lambda row: int(row["actual"]))
    assert (down["actual"], still_short["actual"]) == (1, 2)
    assert still_short["fingerprint"] == short["fingerprint"] != down["fingerprint"]


def test_a_waiver_of_a_gap_does_not_cover_a_wider_one(acme: Told) -> None:
    """Of a night that nobody asked for, of one that failed, and of rows that could not be read."""
    acme.not_pulled("usage", FIFTH)
    acme.pulled("usage", days=[SIXTH], status="failed", reason="Down.")
    acme.pulled("more", days=[FIFTH], quarantined=2)
    for check in ("incomplete_pull", "quarantined_rows"):
        for finding in acme.findings(check):
            _waive(acme, finding)
        assert _states(acme) == {"waived"}
    acme.not_pulled("usage", TENTH)
    acme.pulled("usage", days=[date(2026, 10, 7)], status="failed", reason="Down.")
    acme.pulled("more", days=[FIFTH], quarantined=3)
    for check in ("incomplete_pull", "quarantined_rows"):
        acme.findings(check)
        assert _states(acme) == {"reopened"}


def _waive(acme: Told, finding: Finding) -> None:
    """Let a finding pass as it is."""
    body = {
        "until": "2026-12-31",
        "amount_at_risk": str(finding["amount_at_risk"]),
        "difference": finding["difference"] and str(finding["difference"]),
    }
    acme.connection.execute(
        "INSERT INTO billing.register_entry BY NAME SELECT 1 AS seq, 'waive_finding' AS kind, ? AS subject, "
        "'bob' AS by_person, now() AS recorded_at, 'Known' AS reason, ? AS body, '' AS sha256",
        [finding["fingerprint"], json.dumps(body)],
    )


def _states(acme: Told) -> set[str]:
    rows = acme.connection.execute("SELECT state FROM reconciliation.finding_state").fetchall()
    return {state for (state,) in rows}


@pytest.mark.parametrize(("rows", "quarantined", "found"), [(8, 0, True), (8, 1, False), (9, 0, False)])
def test_a_landed_pull_has_as_many_rows_as_the_vendor_says(
    acme: Told, rows: int, quarantined: int, *, found: bool
) -> None:
    """Those in quarantine are there too."""
    acme.pulled("usage", days=[FIFTH], rows=rows, quarantined=quarantined, vendor_total=9)
    seen = [(row["code"], row["expected"], row["actual"]) for row in acme.findings("incomplete_pull")]
    assert seen == [("R-02", 9, 8)] * found


def test_a_day_that_cannot_be_told_any_more_is_lost(acme: Told) -> None:
    """It stops nothing: the gap policy stands for it. A file that a pull was made of mends it."""
    acme.pulled("usage", days=[FIFTH, SIXTH], status="refused", version=0, reason="Too late.")
    (finding,) = acme.findings("lost_snapshot")
    assert (finding["code"], finding["severity"], finding["actual"]) == ("R-49", "warns", 2)
    assert "was not read in time on 2 days between 2026-10-05 and 2026-10-06" in finding["sentence"]
    assert acme.findings("incomplete_pull") == []


def test_rows_in_quarantine_stop_the_close(acme: Told) -> None:
    """But not those of a month that is not asked for, nor of a price list."""
    acme.pulled("usage", days=[FIFTH], quarantined=2)
    acme.pulled("usage", days=[SEPTEMBER], quarantined=7)
    acme.pulled("more", days=[TENTH], quarantined=3)
    price = "INSERT INTO staging.vendor_price BY NAME SELECT 'acme' AS vendor, 'default' AS connection, "
    acme.connection.execute(
        f"{price} 'p' AS product, 'list' AS price_kind, 1 AS price, ? AS usage_date, ? AS pull_id",
        [TENTH, f"more-{TENTH}"],
    )
    (finding,) = acme.findings("quarantined_rows")
    assert (finding["code"], finding["stops"], finding["title"]) == ("R-05", "close", "rows quarantined")
    assert "has 2 rows that could not be read" in finding["sentence"]


def test_a_new_field_is_drift_in_the_month_it_comes_in(acme: Told) -> None:
    """What was there before is known."""
    acme.pulled("usage", days=[SEPTEMBER], unknown_fields=["size"])
    acme.pulled("usage", days=[FIFTH, SIXTH], unknown_fields=["size", "colour"])
    assert [row["subject"] for row in acme.findings("schema_drift")] == ["usage colour"]


def test_a_figure_in_another_unit_is_drift(acme: Told) -> None:
    """It is billed as if it were in the meter's."""
    acme.told(7, meter="used_bytes", unit="GiB", days=[FIFTH, SIXTH])
    acme.told(7, meter="unheard_of", unit="GiB")
    (finding,) = acme.findings("schema_drift")
    assert finding["sentence"] == (
        "acme has told used_bytes in GiB since 2026-10-05, and it is billed as bytes: correct the unit in "
        "meter, or in the mapping of the file."
    )


def test_usage_in_a_file_and_elsewhere_is_billed_twice(acme: Told) -> None:
    """At risk is what the file adds: bytes for their share of the month, seats at the highest day."""
    days = [FIFTH, SIXTH]
    for stream, quality, seats in (("usage", "reported", 3), ("brought", "manual", 4)):
        acme.told(seats, days=days, stream=stream, quality=quality)
        acme.told(31 * 10**9, meter="used_bytes", unit="bytes", days=days, stream=stream, quality=quality)
    acme.pulled("brought", days=days, vendor="files")
    found = acme.findings("reading_twice")
    assert in_short(found) == [("R-07", "over_bill", "a", 8), ("R-07", "over_bill", "a", Decimal("0.2"))]
    assert "has active_seats twice on 2 days since 2026-10-05" in found[0]["sentence"]


def test_of_two_files_one_is_right(acme: Told) -> None:
    """Their readings are at risk once; a file alone is none."""
    for stream in ("brought", "again"):
        acme.pulled(stream, days=[FIFTH], vendor="files")
        acme.told(3, days=[FIFTH], stream=stream, quality="manual")
    acme.told(9, days=[SIXTH], stream="brought", quality="manual")
    assert in_short(acme.findings("reading_twice")) == [("R-07", "over_bill", "a", 6)]


@pytest.mark.parametrize(
    ("quantity", "meter", "amount"),
    [
        (2**31 - 1, "active_seats", Decimal(4294967294)),
        (2**32 - 1, "active_seats", Decimal(8589934590)),
        (2**63 - 1, "used_bytes", Decimal("29752813.02")),
        ((2**31 - 1) * 1024, "used_bytes", Decimal("7.09")),
    ],
)
def test_the_largest_number_of_a_program_is_no_quantity(
    acme: Told, quantity: int, meter: str, amount: Decimal
) -> None:
    """It stops the invoice of the customer; at risk is what it comes to alone."""
    acme.told(quantity, meter=meter, unit="bytes" if meter == "used_bytes" else "seats", days=[FIFTH])
    (finding,) = acme.findings("sentinel_billed")
    assert in_short([finding]) == [("R-53", "over_bill", "a", amount)]
    assert (finding["stops"], finding["billed_customer_id"]) == ("issue", "ann")


def test_a_figure_below_zero_leaks(acme: Told) -> None:
    """What it takes off the bill."""
    acme.told(-3, days=[FIFTH])
    assert in_short(acme.findings("sentinel_billed")) == [("R-53", "leak", "a", 6)]


def test_a_large_number_that_is_somebodys_usage_is_none(acme: Told) -> None:
    """One seat more than the sentinel; and on trial, in excluded accounts and unsold meters nobody pays."""
    acme.map("demo", None, reason="A demo", valid_to=NOVEMBER)
    acme.told(2**31)
    acme.told(2**31 - 1, is_trial=True, resource_id="t")
    acme.told(2**31 - 1, "demo")
    acme.told(2**31 - 1, "b", meter="quota_bytes")
    assert acme.findings("sentinel_billed") == []


def _accounts(acme: Told, count: int) -> list[str]:
    names = [f"x{n}" for n in range(count)]
    for name in names:
        acme.map(name, "ann")
    return names


def test_a_fifth_of_the_accounts_that_fall_to_none_is_no_coincidence(acme: Told) -> None:
    """Zero and no row are alike; at risk is what they had on the day before. Four of a hundred is life."""
    names = _accounts(acme, 25)
    for n, name in enumerate(names):
        days = month_days(OCTOBER)
        acme.told(2, name, days=days[:9] if n < 3 else days)
        if n in {3, 4}:
            acme.readings = [
                row for row in acme.readings if (row["account_id"], row["usage_date"]) != (name, TENTH)
            ]
            acme.told(0, name, days=[TENTH])
    (finding,) = acme.findings("silent_empty")
    assert in_short([finding]) == [("R-51", "leak", None, 20)]
    assert (finding["subject"], finding["actual"], finding["stops"]) == ("usage 2026-10-10", 5, "close")


@pytest.mark.parametrize(("lost", "accounts"), [(4, 20), (5, 26)])
def test_a_few_accounts_may_leave(acme: Told, lost: int, accounts: int) -> None:
    """Less than five, or less than a fifth."""
    for n, name in enumerate(_accounts(acme, accounts)):
        acme.told(2, name, days=month_days(OCTOBER)[: 9 if n < lost else 31])
    assert acme.findings("silent_empty") == []


def test_a_stream_without_a_row_is_empty_however_few_there_were(acme: Told) -> None:
    """When its pull succeeded; a pull that failed is another check's."""
    acme.told(3, days=[FIFTH])
    acme.told(3, stream="more", days=[FIFTH])
    acme.pulled("more", days=[SIXTH], status="failed", reason="Down.")
    assert [(row["subject"], row["amount_at_risk"]) for row in acme.findings("silent_empty")] == [
        ("usage 2026-10-06", 6)
    ]


def test_the_first_of_a_month_follows_the_last_of_the_one_before(acme: Told) -> None:
    """What was there on the 30th of September is missed on the first of October."""
    acme.pulled(month=SEPTEMBER)
    acme.told(3, month=SEPTEMBER)
    assert [row["subject"] for row in acme.findings("silent_empty", SEPTEMBER, OCTOBER)] == [
        "usage 2026-10-01"
    ]


@pytest.mark.parametrize(
    ("hours", "found"), [(-15, True), (-13, False), (0, False), (11, False), (23, False), (25, True)]
)
def test_figures_of_the_present_are_of_the_day_that_just_ended(
    acme: Told, hours: int, *, found: bool
) -> None:
    """From its end, in the zone that ends first, to the noon after it, in the one that ends last."""
    ended = datetime(2026, 10, 6, tzinfo=UTC) + timedelta(hours=hours)
    acme.pulled("customer_usage", days=[FIFTH], vendor="xopero", started_at=ended, finished_at=ended)
    found_in = [(row["code"], row["stops"], row["subject"]) for row in acme.findings("late_snapshot")]
    assert found_in == [("R-50", "close", "customer_usage 2026-10-05")] * found


def test_the_check_knows_every_stream_that_tells_only_the_present() -> None:
    """Of those that are billed by."""
    billed = {"accounts", "licenses", "cloud_usage", "appliances", "customer_usage", "orders"}
    sql = (SQL / "reconciliation" / "discrepancy" / "late_snapshot.sql").read_text()
    present = {
        (stream.vendor, stream.name)
        for vendor in vendors().values()
        for stream in vendor.streams
        if stream.as_of is AsOf.SNAPSHOT and stream.name in billed
    }
    assert len(present) == len(billed)
    assert all(f"('{vendor}', '{stream}')" in sql for vendor, stream in present)
