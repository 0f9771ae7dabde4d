"""Jobs in processes of their own, so that a night uses every core: Python runs on one at a time.

A process costs two seconds of imports, so each is kept for the next job. It is a new one, not a fork:
DuckDB, Arrow and SQLite do not survive being copied between two statements.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Self

import dagster as dg
from dagster._core.instance.ref import InstanceRef
from dagster._core.utils import make_new_run_id

from connectors.clock import VARIABLE
from pipelines.runs import RunReport, StepFailure, run_job

SECONDS_TO_LEAVE = 3.0  # after Ctrl-C: enough to log out and to record that a run was stopped


class Workers:
    """Some processes that run jobs on the same records, as long as the `with` block lasts.

    They begin with the environment and the working directory of the moment they are made for, the
    billing clock apart: a job runs at the clock of the moment it was asked for. A process that dies
    fails the run it was busy with; another takes its place.

    Parameters:
        records: where the runs are recorded.
        count: of processes; each is started when there is work for it.
    """

    def __init__(self, records: dg.DagsterInstance, count: int = os.cpu_count() or 1) -> None:
        self._records = records
        self._begin = (records.get_ref(), dict(os.environ), Path.cwd())
        # One thread for each process, and not one pool of processes: such a pool does not tell which
        # job a process died of, and fails them all.
        self._threads = ThreadPoolExecutor(count)
        self._of_thread = threading.local()
        self._processes: list[ProcessPoolExecutor] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self._threads.shutdown(wait=False, cancel_futures=True)
            for process in self._processes:
                process.shutdown(wait=False, cancel_futures=True)
            _send_home()
        self._threads.shutdown()
        for process in self._processes:
            process.shutdown()

    def run(self, job: str, day: date, assets: Sequence[dg.AssetKey] | None = None) -> Future[RunReport]:
        """Ask for a run of a job, as `run_job` does it; jobs begin in the order they are asked for."""
        return self._threads.submit(self._run, job, day, assets, os.environ.get(VARIABLE))

    def _run(self, job: str, day: date, assets: Sequence[dg.AssetKey] | None, now: str | None) -> RunReport:
        run_id = make_new_run_id()
        run = (job, day, assets, now, run_id)
        try:
            try:
                return self._process().submit(_run_here, *run).result()
            except BrokenProcessPool:
                if self._records.has_run(run_id):
                    raise
                # It had died before, which shows only once it is handed something.
                return self._another_process().submit(_run_here, *run).result()
        except BrokenProcessPool:
            return self._failed(run_id, job, "its process was killed or crashed before the run ended")
        except Exception as error:  # noqa: BLE001  # of Dagster itself: it must not stop other vendors
            return self._failed(run_id, job, f"the run broke off: {' '.join(str(error).split())}")

    def _process(self) -> ProcessPoolExecutor:
        """The process of this thread."""
        process: ProcessPoolExecutor | None = getattr(self._of_thread, "process", None)
        return process or self._another_process()

    def _another_process(self) -> ProcessPoolExecutor:
        process = ProcessPoolExecutor(
            1, multiprocessing.get_context("spawn"), initializer=_begin, initargs=self._begin
        )
        self._of_thread.process = process
        self._processes.append(process)
        return process

    def _failed(self, run_id: str, job: str, why: str) -> RunReport:
        run = self._records.get_run_by_id(run_id)
        if run and not run.is_finished:
            self._records.report_run_failed(run, why)
        return RunReport(run_id, (StepFailure(job, f"{why}; what it had landed is kept, so run it again"),))


def _send_home() -> None:
    """End the processes whose work nobody waits for any more, by force those that do not go."""
    processes = multiprocessing.active_children()
    for process in processes:
        process.terminate()
    deadline = time.monotonic() + SECONDS_TO_LEAVE
    for process in processes:
        process.join(max(0.0, deadline - time.monotonic()))
        process.kill()


# In the worker:

_records: list[dg.DagsterInstance] = []


def _begin(records: InstanceRef, environment: dict[str, str], directory: Path) -> None:
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(directory)
    # Dagster gives SIGTERM the handler of SIGINT after each run, so both have the same.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _leave)
    threading.Thread(target=_die_with_parent, daemon=True).start()
    _records.append(dg.DagsterInstance.from_ref(records))


def _leave(_signal: int, _frame: object) -> None:
    raise SystemExit(1)


def _die_with_parent() -> None:
    """A killed parent cannot say that the work is over."""
    if parent := multiprocessing.parent_process():
        parent.join()
        os._exit(1)


def _run_here(
    job: str, day: date, assets: Sequence[dg.AssetKey] | None, now: str | None, run_id: str
) -> RunReport:
    if now is not None:
        os.environ[VARIABLE] = now
    return run_job(_records[0], job, day, assets=assets, run_id=run_id)
