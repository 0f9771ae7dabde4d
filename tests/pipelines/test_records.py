"""Dagster's records with connections that stay open: the same files, also under several writers."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.instance.ref import InstanceRef

from pipelines.records import KEPT_OPEN, OpenEventLog
from pipelines.settings import PROJECT

WRITERS, EVENTS = 3, 40
KEY = dg.AssetKey(["redstor", "consumption"])


@dg.op
def nothing() -> None:
    """A step."""


@dg.job(executor_def=dg.in_process_executor)
def short() -> None:
    """A job of one step."""
    nothing()


@pytest.fixture
def ours(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    """The instance of the project's own dagster.yaml, in another place."""
    yaml = (PROJECT / "dagster.yaml").read_text().replace(".dagster/", f"{tmp_path}/")
    (tmp_path / "dagster.yaml").write_text(yaml)
    with dg.DagsterInstance.from_ref(InstanceRef.from_dir(str(tmp_path))) as records:
        assert isinstance(records.event_log_storage, OpenEventLog)
        yield records


def test_dagster_itself_reads_and_continues_the_same_history(
    ours: dg.DagsterInstance, tmp_path: Path
) -> None:
    """Without our class in dagster.yaml nothing is lost: the files are those Dagster makes."""
    assert short.execute_in_process(instance=ours).success
    yaml = f"storage: {{sqlite: {{base_dir: {tmp_path}/storage}}}}\ntelemetry: {{enabled: false}}\n"
    (tmp_path / "plain").mkdir()
    (tmp_path / "plain" / "dagster.yaml").write_text(yaml)
    with dg.DagsterInstance.from_ref(InstanceRef.from_dir(str(tmp_path / "plain"))) as dagsters:
        second = short.execute_in_process(instance=dagsters)
        assert [run.status for run in dagsters.get_runs()] == [dg.DagsterRunStatus.SUCCESS] * 2
    assert ours.get_run_by_id(second.run_id) is not None
    steps = [event.dagster_event.event_type_value for event in ours.all_logs(second.run_id) if event.step_key]
    assert "STEP_SUCCESS" in steps


def test_runs_of_long_ago_are_read_after_their_files_were_closed(ours: dg.DagsterInstance) -> None:
    """Only the files of late are held open; an older one is opened again."""
    runs = [short.execute_in_process(instance=ours).run_id for _ in range(KEPT_OPEN + 2)]
    for run_id in runs:
        types = [event.dagster_event_type for event in ours.all_logs(run_id)]
        assert types.count(dg.DagsterEventType.RUN_SUCCESS) == 1


def test_several_processes_write_at_once_and_no_event_is_lost(ours: dg.DagsterInstance) -> None:
    """As a catch-up does beside the daemon: nobody meets a locked database."""
    with ProcessPoolExecutor(WRITERS, multiprocessing.get_context("spawn")) as processes:
        list(processes.map(_write, [ours.get_ref()] * WRITERS, range(WRITERS)))
    written = ours.fetch_materializations(KEY, limit=WRITERS * EVENTS + 1).records
    assert len(written) == WRITERS * EVENTS


def _write(ref: InstanceRef, number: int) -> None:
    with dg.DagsterInstance.from_ref(ref) as records:
        for event in range(EVENTS):
            records.report_runless_asset_event(dg.AssetMaterialization(KEY, partition=f"{number}-{event}"))
            records.add_run_tags(_a_run(records), {"event": str(event)})


def _a_run(records: dg.DagsterInstance) -> str:
    from dagster._core.test_utils import create_run_for_test

    return create_run_for_test(records, job_name="short").run_id
