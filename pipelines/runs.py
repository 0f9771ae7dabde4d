"""Runs the jobs of the code location in this process, on the records of the Dagster instance.

The schedule starts the same jobs through the daemon, a process for each run. Here many nights share a
process, or the few of `workers`: a spawned step costs 2.7 CPU seconds, one in this process 0.05.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import dagster as dg
from dagster._core.instance.ref import InstanceRef

from pipelines.settings import PROJECT

# Dagster's names of the tags by which one run is for several partitions.
FIRST_PARTITION, LAST_PARTITION = "dagster/asset_partition_range_start", "dagster/asset_partition_range_end"
NO_CAPTURE = {
    "module": "dagster._core.storage.noop_compute_log_manager",
    "class": "NoOpComputeLogManager",
}
OUR_ROOMS = ("connectors.", "pipelines.", "warehouse.")
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@dataclass(frozen=True, slots=True)
class StepFailure:
    """One failed step of a run: its asset or op, and why in one sentence."""

    step: str
    sentence: str


@dataclass(frozen=True, slots=True)
class RunReport:
    """How one run ended.

    Attributes:
        run_id: as in the Dagster UI.
        failures: empty when the run succeeded.
    """

    run_id: str
    failures: tuple[StepFailure, ...]


def instance() -> dg.DagsterInstance:
    """The Dagster instance: of DAGSTER_HOME when that is set, else of the project's own dagster.yaml.

    Runs on it print to the terminal and not into files: that takes three processes a run.
    """
    home = os.environ.setdefault("DAGSTER_HOME", str(PROJECT))
    return dg.DagsterInstance.from_ref(InstanceRef.from_dir(home, overrides={"compute_logs": NO_CAPTURE}))


def run_job(
    records: dg.DagsterInstance,
    job: str,
    day: date,
    *,
    until: date | None = None,
    assets: Sequence[dg.AssetKey] | None = None,
    config: Mapping[str, Any] | None = None,
    run_id: str | None = None,
) -> RunReport:
    """Run one job for one day; a failing step never stops the steps that do not need it.

    Parameters:
        records: where the run is recorded.
        job: name of a job of `pipelines.definitions`.
        day: the partition.
        until: the last partition, where one run is for several days.
        assets: only these assets of the job.
        config: run configuration of the job's ops.
        run_id: of the run; a new one when None.
    """
    from pipelines.definitions import defs

    days = {FIRST_PARTITION: day.isoformat(), LAST_PARTITION: until.isoformat()} if until else None
    result = defs.resolve_job_def(job).execute_in_process(
        instance=records,
        partition_key=None if until else day.isoformat(),
        tags=days,
        asset_selection=list(assets) if assets else None,
        run_config={**QUIET, **(config or {})},
        raise_on_error=False,
        run_id=run_id,
    )
    failures = [
        StepFailure((step.step_key or "").replace("__", "/"), _sentence(step.step_failure_data))
        for step in result.all_events
        if step.is_step_failure
    ]
    if not result.success and not failures:
        failures.append(StepFailure(job, f"the run failed; see run {result.run_id} in the Dagster UI"))
    return RunReport(result.run_id, tuple(failures))


def _sentence(data: Any) -> str:
    """Why a step failed: its own sentence, else the words of the error underneath Dagster's."""
    if data.user_failure_data and data.user_failure_data.description:
        return str(data.user_failure_data.description)
    error = data.error
    while error and error.cause:
        error = error.cause
    if not error:
        return "it failed without a word"
    text = " ".join(error.message.split())
    _, name, sentence = text.partition(f".{error.cls_name}: ")
    # Ours speak for themselves; of others the name is half of what they say.
    return sentence if name and text.startswith(OUR_ROOMS) else text
