"""What a pull leaves behind: the vendor's bytes, typed rows, and a manifest that comes last."""

import fcntl
import json
import logging
import os
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
from acme import DAY, IN_WINDOW, SECRET, answers, page, pages, readings, rejected, stream

from connectors.clock import VARIABLE
from connectors.completeness import unique_keys
from connectors.errors import (
    ContractBroken,
    IncompletePull,
    OutsideSnapshotWindow,
    TemporaryFailure,
    VendorError,
)
from connectors.stream import AsOf, Role
from warehouse.landing import Landing, Pull, Status


def files(landing: Landing) -> dict[str, tuple[int, bytes]]:
    """Every file of the home with its inode and content."""
    return {
        path.relative_to(landing.home).as_posix(): (path.stat().st_ino, path.read_bytes())
        for path in landing.home.rglob("*")
        if path.is_file()
    }


def rows(landing: Landing, pull: Pull) -> list[dict[str, object]]:
    return pq.read_table(landing.home / pull.rows_path).to_pylist()


def responses(landing: Landing, pull: Pull) -> list[dict[str, object]]:
    return pq.read_table(landing.home / pull.responses_path).to_pylist()


def test_rows_are_landed_in_the_order_in_which_they_came(landing: Landing) -> None:
    """Three pages give one rows file, numbered through, and a manifest that counts them."""
    pull = landing.land(stream(), "default", DAY, answers(*pages(3, 2)))
    assert (pull.status, pull.version, pull.pages, pull.rows, pull.vendor_total) == (Status.OK, 1, 3, 6, 6)
    landed = rows(landing, pull)
    assert [row["row_no"] for row in landed] == [0, 1, 2, 3, 4, 5]
    assert [row["account_id"] for row in landed] == [f"account-{n}" for n in range(6)]
    assert pq.read_schema(landing.home / pull.rows_path).field("used_bytes").metadata[b"unit"] == b"bytes"


def test_a_row_leads_to_the_bytes_it_came_from(landing: Landing) -> None:
    """`response_no` of a row is the answer that holds it."""
    pull = landing.land(stream(), "default", DAY, answers(*pages(3, 2)))
    body = duckdb.execute(
        "SELECT body FROM read_parquet($rows) JOIN read_parquet($responses) USING (response_no) "
        "WHERE account_id = 'account-4'",
        {
            "rows": str(landing.home / pull.rows_path),
            "responses": str(landing.home / pull.responses_path),
        },
    ).fetchall()
    assert body == [(pages(3, 2)[2].body,)]


def test_every_attempt_is_kept_before_the_answer_it_led_to(landing: Landing) -> None:
    """Rejected attempts, control answers and rows are in the responses file in order."""
    asked = [page([], 2, Role.CONTROL), page(readings(2), 2, rejected=(rejected(), rejected()))]
    pull = landing.land(stream(), "default", DAY, answers(*asked))
    kept = responses(landing, pull)
    assert [(r["response_no"], r["role"]) for r in kept] == [
        (0, "control"), (1, "rejected"), (2, "rejected"), (3, "rows"),
    ]  # fmt: skip
    assert kept[1]["reason"] == "ListReadings answered HTTP 503"
    assert pull.pages == 1


def test_the_same_answers_are_the_same_pull(landing: Landing, monkeypatch: pytest.MonkeyPatch) -> None:
    """Landing equal answers again writes nothing, also when the clock has moved."""
    first = landing.land(stream(), "default", DAY, answers(*pages(2, 2)))
    before = files(landing)
    monkeypatch.setenv(VARIABLE, "2026-11-02T05:00:00+01:00")
    assert landing.land(stream(), "default", DAY, answers(*pages(2, 2))) == first
    assert files(landing) == before


def test_other_answers_are_a_new_version(landing: Landing) -> None:
    """A restated day gets the next version; the earlier one stays to the byte."""
    first = landing.land(stream(), "default", DAY, answers(*pages(2, 2)))
    before = files(landing)
    second = landing.land(stream(), "default", DAY, answers(*pages(1, 3)))
    third = landing.land(stream(), "default", DAY, answers(*pages(2, 2)))
    assert [first.version, second.version, third.version] == [1, 2, 3]
    assert len({first.pull_id, second.pull_id, third.pull_id}) == 3
    assert files(landing).items() >= before.items()
    assert list(landing.current()) == [third]


def test_answers_that_are_numbered_anew_are_the_same_pull(landing: Landing) -> None:
    """A vendor may tell each answer's number; where the rows are the same, nothing new was said."""
    first = landing.land(stream(), "default", DAY, answers(page(readings(1), 1, trace="a")))
    second = landing.land(stream(), "default", DAY, answers(page(readings(1), 1, trace="b")))
    assert second == first


def test_an_answer_without_rows_is_another_pull_than_none(landing: Landing) -> None:
    """Nothing asked is no word of the vendor's: a file may stand in for it."""
    unproven = stream(prove=lambda evidence: None)
    counted = [
        landing.land(unproven, "default", DAY, answers(asked))
        for asked in (page([], 0, Role.CONTROL), page([], 0), page([], 0, Role.CONTROL))
    ]
    assert [(pull.version, pull.pages) for pull in counted] == [(1, 0), (2, 1), (3, 0)]


def test_connections_do_not_meet(landing: Landing) -> None:
    """Two sets of credentials at one vendor have a current pull each, with the same answers too."""
    pulls = [landing.land(stream(), name, DAY, answers(*pages(1, 2))) for name in ("north", "south")]
    assert list(landing.current()) == pulls
    assert [pull.version for pull in pulls] == [1, 1]


def test_a_failed_pull_leaves_the_evidence_and_no_rows(landing: Landing) -> None:
    """What arrived before the failure, and the attempts that failed, are kept under a sentence."""
    failure = TemporaryFailure("ListReadings answered HTTP 503 (2 attempts)", [rejected(), rejected()])
    with pytest.raises(TemporaryFailure) as raised:
        landing.land(stream(), "default", DAY, answers(pages(2, 2)[0], failure))
    pull = raised.value.pull
    assert (pull.status, pull.reason, pull.version) == (Status.FAILED, str(failure), 0)
    assert pull.rows_path is None
    assert [r["role"] for r in responses(landing, pull)] == ["rows", "rejected", "rejected"]
    assert not list(landing.root.rglob("*.rows.parquet"))
    assert not list(landing.current())


def test_a_failure_does_not_hide_what_was_landed(landing: Landing) -> None:
    """A failed second pull leaves the first one current."""
    first = landing.land(stream(), "default", DAY, answers(*pages(1, 2)))
    with pytest.raises(TemporaryFailure):
        landing.land(stream(), "default", DAY, answers(TemporaryFailure("no answer")))
    assert list(landing.current()) == [first]
    assert sorted(pull.status for pull in landing.pulls()) == [Status.FAILED, Status.OK]


def test_an_answer_that_cannot_be_parsed_is_kept(landing: Landing) -> None:
    """The page that broke the contract is in the responses, whole."""
    broken = replace(page([]), body=b"<html>maintenance</html>")
    with pytest.raises(ContractBroken) as raised:
        landing.land(stream(), "default", DAY, answers(broken))
    assert [r["body"] for r in responses(landing, raised.value.pull)] == [broken.body]


def test_an_unexpected_error_is_named_without_its_words(landing: Landing) -> None:
    """A bug fails the pull too; its message may hold a secret, so only its type is kept."""
    with pytest.raises(RuntimeError, match="tr0ub4dor"):
        landing.land(stream(), "default", DAY, answers(pages(1, 2)[0], RuntimeError(f"password={SECRET}")))
    [pull] = landing.pulls()
    assert pull.status is Status.FAILED
    assert "unexpected RuntimeError" in pull.reason
    assert not any(SECRET.encode() in content for _, content in files(landing).values())


def test_a_pull_that_does_not_add_up_is_looked_at_three_times(landing: Landing) -> None:
    """Three looks, one record under a fixed clock, and the error carries it."""
    calls = []

    def fetch():
        calls.append(1)
        yield page(readings(4), 5)

    with pytest.raises(IncompletePull, match="total is 5, 4 rows arrived") as raised:
        landing.land(stream(), "default", DAY, fetch)
    assert len(calls) == 3
    assert list(landing.pulls()) == [raised.value.pull]
    assert raised.value.pull.rows == 4
    assert raised.value.pull.vendor_total == 5


def test_a_later_look_that_adds_up_is_landed(landing: Landing) -> None:
    """The look that failed stays on record beside the one that was landed."""
    looks = iter([[page(readings(1), 2)], pages(1, 2)])
    pull = landing.land(stream(), "default", DAY, lambda: iter(next(looks)))
    assert pull.status is Status.OK
    assert sorted(p.status for p in landing.pulls()) == [Status.FAILED, Status.OK]


def test_asking_nothing_is_not_zero(landing: Landing) -> None:
    """A pull without a single answer is not an empty day."""
    with pytest.raises(IncompletePull, match="asked nothing"):
        landing.land(stream(prove=unique_keys), "default", DAY, answers())


def test_an_empty_day_the_vendor_vouches_for_is_landed(landing: Landing) -> None:
    """A total of zero is a claim: the rows file is there, typed and empty."""
    pull = landing.land(stream(), "default", DAY, answers(page([], 0)))
    assert (pull.rows, pull.vendor_total) == (0, 0)
    assert pq.read_schema(landing.home / pull.rows_path).names == [
        "row_no", "response_no", "account_id", "used_bytes", "extra",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("as_of", "now", "said"),
    [
        (AsOf.SNAPSHOT, "2026-11-01T23:59:59+01:00", "the day ends at 2026-11-02T00:00:00+01:00"),
        (AsOf.DATED, "2026-11-01T23:59:59+01:00", "the day ends at 2026-11-02T00:00:00+01:00"),
        (AsOf.SNAPSHOT, "2026-11-02T12:00:00+01:00", "The day is missing and cannot be filled"),
    ],
)
def test_a_day_that_cannot_be_read_is_refused(
    landing: Landing, monkeypatch: pytest.MonkeyPatch, as_of: AsOf, now: str, said: str
) -> None:
    """Nothing is sent, and the record says why the day is missing."""
    monkeypatch.setenv(VARIABLE, now)
    with pytest.raises(OutsideSnapshotWindow) as raised:
        landing.land(stream(as_of=as_of), "default", DAY, lambda: pytest.fail("something was sent"))
    [pull] = landing.pulls()
    assert raised.value.pull == pull
    assert (pull.status, pull.responses_path, pull.rows_path) == (Status.REFUSED, None, None)
    assert said in pull.reason


@pytest.mark.parametrize("now", ["2026-11-02T00:00:00+01:00", "2026-11-02T11:59:59+01:00"])
def test_the_window_is_half_open(landing: Landing, monkeypatch: pytest.MonkeyPatch, now: str) -> None:
    """From the end of the day until just before noon a snapshot is taken."""
    monkeypatch.setenv(VARIABLE, now)
    assert landing.land(stream(), "default", DAY, answers(*pages(1, 1))).status is Status.OK


def test_a_landed_day_stands_when_it_is_asked_for_too_late(
    landing: Landing, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Running an old night again gives the pull it has, without a request."""
    first = landing.land(stream(), "default", DAY, answers(*pages(1, 2)))
    monkeypatch.setenv(VARIABLE, "2026-11-09T03:00:00+01:00")
    with caplog.at_level(logging.WARNING):
        again = landing.land(stream(), "default", DAY, lambda: pytest.fail("something was sent"))
    assert again == first
    assert f"Its pull {first.pull_id} stands" in caplog.text


def test_a_dated_stream_reads_any_past_day(landing: Landing, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the request names the day, a day months ago is landed."""
    monkeypatch.setenv(VARIABLE, "2027-03-01T03:00:00+01:00")
    assert landing.land(stream(as_of=AsOf.DATED), "default", DAY, answers(*pages(1, 2))).rows == 2


def test_rows_that_cannot_be_typed_go_to_quarantine(landing: Landing) -> None:
    """They are counted, kept with reason and payload, and lead to their answer."""
    bad = {"accountId": "account-9", "usedBytes": "a lot"}
    pull = landing.land(stream(), "default", DAY, answers(page(readings(2), 3), page([bad], 3)))
    assert (pull.rows, pull.quarantined) == (2, 1)
    assert pq.read_table(landing.home / pull.quarantine_path).to_pylist() == [
        {"response_no": 1, "reason": "usedBytes is text, not a whole number", "payload": json.dumps(bad)}
    ]


def test_a_clean_pull_has_no_quarantine_after_one_that_had(landing: Landing) -> None:
    """What an incomplete look put in quarantine is not taken for the next look's."""
    looks = iter([[page([{"accountId": "x", "usedBytes": "a lot"}], 9)], pages(1, 2)])
    pull = landing.land(stream(), "default", DAY, lambda: iter(next(looks)))
    assert pull.quarantine_path is None
    assert not list(landing.root.rglob("*quarantine*"))


def test_unknown_fields_are_kept_and_new_ones_told(landing: Landing, monkeypatch: pytest.MonkeyPatch) -> None:
    """A field nobody declared is in `extra`; it is new on its first day only."""
    grown = [{**row, "region": "eu"} for row in readings(2)]
    first = landing.land(stream(), "default", DAY, answers(page(grown, 2)))
    assert [row["extra"] for row in rows(landing, first)] == ['{"region": "eu"}'] * 2
    monkeypatch.setenv(VARIABLE, "2026-11-03T03:00:00+01:00")
    grown = [{**row, "tier": 1} for row in grown]
    second = landing.land(stream(), "default", replace(DAY, date=date(2026, 11, 2)), answers(page(grown, 2)))
    assert landing.new_unknown_fields(first) == {"region"}
    assert landing.new_unknown_fields(second) == {"tier"}
    assert second.unknown_fields == ("region", "tier")


def test_pulls_are_found_by_day(landing: Landing) -> None:
    """Days, vendor and stream narrow what is listed."""
    pull = landing.land(stream(), "default", DAY, answers(*pages(1, 2)))
    assert list(landing.pulls([DAY.date], vendor="acme", stream="readings")) == [pull]
    assert not list(landing.pulls([date(2026, 11, 2)]))
    assert not list(landing.pulls(vendor="other"))


def test_a_home_can_be_moved(landing: Landing, tmp_path: Path) -> None:
    """The manifest names its files relative to the home."""
    landing.land(stream(), "default", DAY, answers(*pages(1, 2)))
    moved = Landing(landing.home.rename(tmp_path / "elsewhere") / "raw")
    [pull] = moved.current()
    assert len(rows(moved, pull)) == 2


def test_one_run_at_a_time_writes_a_day(landing: Landing) -> None:
    """While a pull is under way its folder is locked for every other process."""
    seen: list[str] = []

    def fetch():
        folder = os.open(landing.root / "acme/readings/usage_date=2026-11-01", os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            seen.append("locked")
        finally:
            os.close(folder)
        yield from pages(1, 2)

    landing.land(stream(), "default", DAY, fetch)
    assert seen == ["locked"]


def test_the_same_failure_at_another_time_is_another_record(
    landing: Landing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two nights' failures do not overwrite each other."""
    for now in (IN_WINDOW, IN_WINDOW, "2026-11-02T04:00:00+01:00"):
        monkeypatch.setenv(VARIABLE, now)
        with pytest.raises(VendorError):
            landing.land(stream(), "default", DAY, answers(TemporaryFailure("no answer")))
    assert len(list(landing.pulls())) == 2


def test_a_manifest_that_is_none_is_named(landing: Landing) -> None:
    """A manifest damaged by hand stops with the name of the file."""
    pull = landing.land(stream(), "default", DAY, answers(*pages(1, 2)))
    manifest = next(landing.root.rglob(f"{pull.pull_id}.pull.json"))
    manifest.write_text("{}")
    with pytest.raises(ValueError, match=manifest.name):
        list(landing.pulls())
