"""Killed at any moment and run again: the tables and the landed files are the same to the byte."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

from pipelines.settings import PROJECT
from tests.pipelines.conftest import PATIENCE, House, tables, wait_for

DAY = date(2026, 10, 15)

# ReVirt365 gives every answer a trace id of its own: the answers and their hash differ, nothing else.
NUMBERED = {"ops.pull": "EXCLUDE (sha256)"}

MOMENTS: dict[str, Callable[[House, Path], bool]] = {
    "while the first answers arrive": lambda house, _: len(house.sandbox.log) > 8,
    "when a pull is committed": lambda _, home: any(home.glob("raw/*/*/*/*.pull.json")),
    "while the second vendor is read": lambda _, home: any(home.glob("raw/redstor/consumption/*/*")),
    "while the warehouse is built": lambda _, home: (home / "warehouse.draft.duckdb").exists(),
}


def test_a_night_killed_at_any_moment_and_run_again_gives_the_same_bytes(
    house: House, tmp_path: Path
) -> None:
    """SIGKILL of the real command at each moment in turn, then one run to the end; and a night of this
    process that nobody disturbed."""
    assert house.night(DAY).failures == []
    calm, killed = house.home, tmp_path / "killed"
    for moment, reached in MOMENTS.items():
        house.sandbox.log.clear()
        process = _nightly(killed)
        try:
            wait_for(moment, lambda: process.poll() is not None or reached(house, killed))  # noqa: B023  # now
        finally:
            process.kill()
        assert process.wait(PATIENCE) == -signal.SIGKILL, f"it ended before it could be killed {moment}"
    assert _nightly(killed).wait(PATIENCE) == 0
    assert tables(killed, NUMBERED) == tables(calm, NUMBERED)
    assert _raw(killed) == _raw(calm)
    assert not list(killed.rglob("*.tmp"))


def _nightly(home: Path) -> subprocess.Popen[bytes]:
    """The command of the README, on a home and Dagster records of its own."""
    records = home.with_name(f"{home.name}-dagster")
    records.mkdir(exist_ok=True)
    (records / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    environment = {**os.environ, "BACKUP_BILLING_HOME": str(home), "DAGSTER_HOME": str(records)}
    command = [sys.executable, "-m", "pipelines.cli", "nightly", "--date", DAY.isoformat()]
    return subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=subprocess.DEVNULL)


def _raw(home: Path) -> dict[str, str]:
    """Every landed file by its hash."""
    files = (path for path in (home / "raw").rglob("*") if path.is_file() and not path.name.startswith("."))
    names = {str(path.relative_to(home)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
    return {name: "" if _is_numbered(name) else sha256 for name, sha256 in names.items()}


def _is_numbered(name: str) -> bool:
    return "/revirt365/" in name and name.endswith((".responses.parquet", ".pull.json"))
