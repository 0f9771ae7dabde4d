"""Whole nights: what is staged is what the vendors know, whatever goes wrong that can be survived."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import dagster as dg
import pytest

from pipelines.nights import run_night
from tests.pipelines.conftest import House

DAY = date(2026, 10, 15)
SURVIVED = [
    ("503_html", {"times": 2}),
    ("429", {"times": 2}),
    ("reset_mid_body", {"times": 2}),
    ("truncated_body", {"times": 2}),
    ("page_shift", {"times": 1}),
    ("duplicate_rows", {"times": 1}),
]
FAULTY = {
    "infrascale": ["GetEntityAccounts", "GetHistoryEvents", "GetCloudUsage"],
    "redstor": ["*consumption*", "*customers/transitive"],
}


def test_the_older_version_of_an_api_stages_the_same_readings(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All but those that came with the newer one."""
    monkeypatch.setenv("REDSTOR_API_VERSION", "1")
    assert house.pull(DAY, "redstor").failures == ()
    house.build(DAY)
    truth = house.truth(DAY, "redstor").items()
    assert house.staged(DAY) == {key: reading for key, reading in truth if key[4] != "licensed_users"}


@pytest.mark.parametrize(("mode", "how"), SURVIVED, ids=[mode for mode, _ in SURVIVED])
def test_a_fault_that_retries_survive_changes_no_reading(
    house: House, mode: str, how: dict[str, int]
) -> None:
    """The figures are the truth, as if nothing had happened."""
    for vendor, operations in FAULTY.items():
        for operation in operations:
            house.sandbox.faults.switch_on(mode, vendor, operation, **how)
    if mode not in ("page_shift", "duplicate_rows"):
        house.sandbox.faults.switch_on("result_1", "infrascale", "GetEntityHierarchy", times=2)
        house.sandbox.faults.switch_on("expired_token", "redstor", "*", times=1)
    assert [failure for vendor in FAULTY for failure in house.pull(DAY, vendor).failures] == []
    house.build(DAY)
    assert house.staged(DAY) == {
        key: told for vendor in FAULTY for key, told in house.truth(DAY, vendor).items()
    }


FATAL = [
    ("503_html", "infrascale", "accounts", "GetEntityAccounts", {}, "HTTP 503"),
    ("429", "redstor", "consumption", "*consumption*", {}, "HTTP 429"),
    ("truncated_body", "infrascale", "cloud_usage", "GetCloudUsage", {}, "GetCloudUsage"),
    ("result_1", "infrascale", "licenses", "GetAssignedLicensesSummary", {}, "UnexpectedError"),
    ("result_3", "infrascale", "accounts", "GetEntityAccounts", {}, "InvalidSoapCredentials"),
    ("renamed_field", "infrascale", "accounts", "GetEntityAccounts", {"field": "UsedSpaceKB"}, "UsedSpaceKB"),
    ("renamed_field", "redstor", "consumption", "*consumption*", {"field": "activeSeats"}, "activeSeats"),
    ("empty_list", "infrascale", "accounts", "GetEntityAccounts", {}, "total"),
    ("empty_list", "infrascale", "history_events", "GetHistoryEvents", {}, "total"),
    ("empty_list", "redstor", "companies", "*customers/transitive", {}, "total"),
]


@pytest.mark.parametrize(
    ("mode", "vendor", "stream", "operation", "how", "says"),
    FATAL,
    ids=[f"{f[0]}-{f[1]}-{f[2]}" for f in FATAL],
)
def test_a_fault_that_retries_do_not_survive_fails_loudly_and_lands_nothing(
    house: House,
    monkeypatch: pytest.MonkeyPatch,
    mode: str,
    vendor: str,
    stream: str,
    operation: str,
    how: dict[str, str],
    says: str,
) -> None:
    """The stream fails with its reason, no row of it is landed, and the vendor's answers are kept."""
    monkeypatch.setenv("REDSTOR_API_VERSION", "1")
    house.sandbox.faults.switch_on(mode, vendor, operation, **how)
    (failure,) = house.pull(DAY, vendor, stream).failures
    assert failure.step == f"{vendor}/{stream}"
    assert failure.sentence.startswith(f"{vendor}/{stream} {DAY}: ")
    assert says in failure.sentence
    assert not list(house.landing.current([DAY]))
    assert not list(house.home.rglob("*.rows.parquet"))
    kept = list(house.landing.pulls([DAY]))
    assert {pull.status for pull in kept} == {"failed"}
    assert all((house.home / pull.responses_path).exists() for pull in kept)


def test_failing_vendors_never_stop_the_others(house: House) -> None:
    """Two vendors answer nothing but errors; the others' figures are staged and billed."""
    failing = {"infrascale", "xopero"}
    for vendor in failing:
        house.sandbox.faults.switch_on("503_html", vendor, "*")
    report = house.night(DAY)
    assert {name for name, run in report.vendors.items() if run.failures} == failing
    assert report.warehouse.failures == ()
    truth = house.truth(DAY).items()
    assert house.staged(DAY) == {key: reading for key, reading in truth if key[0] not in failing}
    billed = house.rows("SELECT count(DISTINCT vendor) FROM billing.usage_record")
    assert billed == [(len(report.vendors) - len(failing),)]


def test_a_row_that_cannot_be_typed_is_quarantined_and_the_rest_is_landed(house: House) -> None:
    """One account reads 'words' where a number belongs: it is missing, not zero, and said so."""
    house.sandbox.faults.switch_on("wrong_type", "infrascale", "GetEntityAccounts", field="UsedSpaceKB")
    assert house.pull(DAY, "infrascale").failures == ()
    house.build(DAY)
    staged, truth = house.staged(DAY, "infrascale"), house.truth(DAY, "infrascale")
    missing = truth.keys() - staged.keys()
    assert {key[2] for key in missing if key[3] == "backup"} == {next(iter(missing))[2]}
    assert all(staged[key] == truth[key] for key in staged)
    ((reason, payload),) = house.rows("SELECT reason, payload FROM ops.quarantine WHERE stream = 'accounts'")
    assert "UsedSpaceKB" in reason
    assert next(iter(missing))[2] in payload


def test_an_unknown_field_is_kept_and_reported_once(house: House) -> None:
    """The figures stand, the field is in the raw rows, and drift names it for its first day only."""
    house.sandbox.faults.switch_on("unknown_field", "infrascale", "GetEntityAccounts", field="UsedSpaceKB")
    for day in (DAY, DAY + timedelta(days=1)):
        assert house.pull(day, "infrascale").failures == ()
        house.build(day)
        assert house.staged(day) == house.truth(day, "infrascale")
    drift = house.rows(
        "SELECT stream, field, first_seen_on FROM ops.schema_drift WHERE vendor = 'infrascale'"
    )
    assert [(row[0], row[2]) for row in drift] == [("accounts", DAY)]
    kept = house.rows("SELECT count(*) FROM raw.infrascale_accounts WHERE extra LIKE ?", f'%"{drift[0][1]}"%')
    assert kept[0][0] > 0


def test_a_snapshot_is_refused_after_noon_and_the_day_stays_missing(house: House) -> None:
    """Today's figures never fill yesterday; streams that take a date are pulled all the same."""
    house.set_now(datetime.combine(DAY + timedelta(days=1), datetime.min.time()).replace(hour=12))
    report = run_night(house.records, DAY, house.streams())
    failed = {failure.step: failure.sentence for failure in report.vendors["infrascale"].failures}
    assert "tells only the present" in failed["infrascale/accounts"]
    assert "infrascale/history_events" not in failed
    assert house.staged(DAY, "infrascale") == {}
    assert house.staged(DAY, "redstor") == house.truth(DAY, "redstor")
    statuses = house.rows("SELECT status, rows FROM ops.pull WHERE stream = 'accounts'")
    assert statuses == [("refused", 0)]
    problems = house.rows("SELECT sentence FROM ops.open_problem WHERE stream = 'accounts'")
    assert any("cannot be filled" in sentence or "refused" in sentence for (sentence,) in problems)


def test_one_stream_can_be_run_alone(house: House) -> None:
    """`--stream` pulls that stream only."""
    report = house.night(DAY, vendor="redstor", stream="consumption")
    assert report.failures == []
    assert [pull.stream for pull in house.landing.current([DAY])] == ["consumption"]


def test_a_failed_check_is_on_the_asset_with_its_reason(house: House) -> None:
    """Ops see the completeness check of the stream red, with the sentence as evidence; the pull is failed."""
    house.sandbox.faults.switch_on("empty_list", "infrascale", "GetEntityAccounts")
    house.night(DAY, vendor="infrascale", stream="accounts")
    (record,) = house.records.event_log_storage.get_asset_check_execution_history(
        dg.AssetCheckKey(dg.AssetKey(["infrascale", "accounts"]), "completeness"), limit=1
    )
    evaluation = record.event.dagster_event.event_specific_data
    assert not evaluation.passed
    assert "total" in str(evaluation.metadata["evidence"].value)
    assert house.rows("SELECT stream, status FROM ops.pull") == [("accounts", "failed")]
