"""Nights in several processes: one that dies costs its vendor's night and nothing else."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from connectors.stream import Stream
from pipelines.nights import run_nights
from pipelines.settings import PROJECT
from pipelines.workers import Workers
from tests.pipelines.conftest import PATIENCE, House, wait_for

DAY = date(2026, 10, 15)
NEXT = DAY + timedelta(days=1)
TWO = ("redstor", "xopero")


def nights(house: House, *days: date) -> Iterator[tuple[date, Sequence[Stream]]]:
    """Each day with two vendors, at two o'clock after it."""
    for day in days:
        house.set_now(datetime(day.year, day.month, day.day, 2) + timedelta(days=1))
        yield day, [stream for vendor in TWO for stream in house.streams(vendor)]


def test_nights_side_by_side_are_those_of_one_process(house: House) -> None:
    """Two nights: the truth of each is staged, and every run is in the records under its vendor. The clock
    moves when every pull of a night has ended: a vendor that tells only the present is never asked for one
    night at the time of another."""
    asked: dict[date, set[str]] = {}

    def watched() -> Iterator[tuple[date, Sequence[Stream]]]:
        for day, streams in nights(house, DAY, NEXT):
            house.sandbox.log.clear()
            yield day, streams
            asked[day] = {entry.vendor for entry in house.sandbox.log}
            expected = {(stream.vendor, stream.name) for stream in streams}
            assert {(pull.vendor, pull.stream) for pull in house.landing.current([day])} == expected

    with Workers(house.records, 2) as workers:
        reports = list(run_nights(workers, watched()))
    assert [report.day for report in reports] == [DAY, NEXT]
    assert [failure for report in reports for failure in report.failures] == []
    assert asked == {DAY: set(TWO), NEXT: set(TWO)}
    pulled = {pull.usage_date: pull.started_at.date() for pull in house.landing.pulls()}
    assert pulled == {DAY: NEXT, NEXT: NEXT + timedelta(days=1)}
    for day, vendor in ((day, vendor) for day in (DAY, NEXT) for vendor in TWO):
        assert house.staged(day, vendor) == house.truth(day, vendor)
    runs = {run.run_id: run for run in house.records.get_runs()}
    for report in reports:
        ids = [run.run_id for run in (*report.vendors.values(), report.warehouse)]
        assert {runs[run_id].status for run_id in ids} == {dg.DagsterRunStatus.SUCCESS}
        assert {runs[run.run_id].tags["vendor"] for run in report.vendors.values()} == set(TWO)


def test_a_worker_that_dies_is_a_failed_run_and_the_others_go_on(house: House) -> None:
    """SIGKILL while a vendor is read: a sentence, a failed run in the records, a process in its place."""
    house.sandbox.faults.switch_on("503_html", "redstor", "*")
    house.sandbox.log.clear()
    house.set_now(datetime(2026, 10, 16, 2))
    with Workers(house.records, 1) as workers:
        dying = workers.run("redstor_nightly", DAY)
        wait_for("a request", lambda: any(entry.vendor == "redstor" for entry in house.sandbox.log))
        (process,) = multiprocessing.active_children()
        os.kill(process.pid or 0, signal.SIGKILL)
        report = dying.result(PATIENCE)
        assert workers.run("xopero_nightly", DAY).result(PATIENCE).failures == ()
    (failure,) = report.failures
    assert failure.step == "redstor_nightly"
    assert "its process was killed or crashed" in failure.sentence
    run = house.records.get_run_by_id(report.run_id)
    assert run is not None
    assert run.status is dg.DagsterRunStatus.FAILURE
    assert {pull.vendor for pull in house.landing.current([DAY])} == {"xopero"}


def test_a_worker_that_died_while_idle_costs_nothing(house: House) -> None:
    """Another takes its place before the next run."""
    house.set_now(datetime(2026, 10, 16, 2))
    with Workers(house.records, 1) as workers:
        assert workers.run("xopero_nightly", DAY).result(PATIENCE).failures == ()
        (process,) = multiprocessing.active_children()
        os.kill(process.pid or 0, signal.SIGKILL)
        wait_for("the death of a worker", lambda: not process.is_alive())
        assert workers.run("redstor_nightly", DAY).result(PATIENCE).failures == ()


def test_a_run_that_cannot_begin_is_a_sentence(house: House) -> None:
    """What breaks inside Dagster fails that run alone."""
    with Workers(house.records, 1) as workers:
        (failure,) = workers.run("no_such_job", DAY).result(PATIENCE).failures
    assert failure.step == "no_such_job"
    assert "no_such_job" in failure.sentence.removeprefix("no_such_job")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_what_ends_the_command_ends_its_workers(house: House, tmp_path: Path, number: signal.Signals) -> None:
    """Ctrl-C, and also a kill that leaves no time to say goodbye."""
    for vendor in ("infrascale", "redstor"):
        house.sandbox.faults.switch_on("503_html", vendor, "*")
    house.sandbox.log.clear()
    house.set_now(datetime(2026, 10, 16, 2))
    (tmp_path / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    command = [sys.executable, "-m", "pipelines.cli", "nightly", "--date", DAY.isoformat()]
    environment = {**os.environ, "DAGSTER_HOME": str(tmp_path)}
    with subprocess.Popen(command, cwd=PROJECT, env=environment, stderr=subprocess.DEVNULL) as process:
        try:
            wait_for(
                "two vendors to be asked", lambda: len({entry.vendor for entry in house.sandbox.log}) > 1
            )
            workers = _children(process.pid)
            assert len(workers) >= 2
            process.send_signal(number)
            assert process.wait(PATIENCE) != 0
        finally:
            process.kill()
    wait_for("its workers to end", lambda: not any(Path(f"/proc/{worker}").exists() for worker in workers))


def _children(pid: int) -> list[str]:
    started_by = Path(f"/proc/{pid}/task").glob("*/children")  # a file for each thread
    return [child for thread in started_by for child in thread.read_text().split()]
