"""31 nights of 200 customers against the stand-in vendors, orchestration included.

Prints wall and CPU seconds, and the share of the wall time spent outside extract, parse and SQL:
what Dagster and our own glue cost.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

NIGHTS = 31
FIRST = date(2026, 10, 1)
# Seconds of wall time on two quiet cores, by the vendors that are pulled; none named means all.
GOALS: dict[tuple[str, ...], float] = {("infrascale", "redstor"): 90, (): 150}


def main() -> None:
    """Run the nights of each set of vendors in a fresh process on a fresh home, and print the figures."""
    for names in GOALS:
        _in_a_fresh_process(names)


def _in_a_fresh_process(names: tuple[str, ...]) -> None:
    with tempfile.TemporaryDirectory() as directory:
        home = Path(directory)
        (home / "dagster").mkdir()
        (home / "dagster" / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
        environment = {
            **os.environ,
            "BACKUP_BILLING_HOME": str(home / "data"),
            "DAGSTER_HOME": str(home / "dagster"),
        }
        command = [sys.executable, "-m", "tests.bench.bench_nights", *names]
        subprocess.run(command, env=environment, check=True)


def measure(out: Console, names: tuple[str, ...]) -> None:
    """The nights themselves, in this process."""
    from connectors.vendor import vendors
    from pipelines import tables
    from pipelines.nights import run_night
    from pipelines.partitions import ZONE
    from pipelines.runs import instance
    from pipelines.settings import load_settings
    from pipelines.stand_in import stand_in_if_needed
    from warehouse.landing import Landing

    spent = {"extract, parse, land": 0.0, "SQL and publish": 0.0}
    Landing.land = _timed(Landing.land, spent, "extract, parse, land")  # type: ignore[method-assign]
    tables.build_days = _timed(tables.build_days, spent, "SQL and publish")
    failures: list[str] = []
    with stand_in_if_needed(load_settings()) as (settings, stand_in):
        assert stand_in is not None, "the bench brings its own vendors: unset theirs"
        active = [
            vendor
            for vendor in vendors().values()
            if settings.connections[vendor.name] and (not names or vendor.name in names)
        ]
        streams = [stream for vendor in active for stream in vendor.streams]
        records = instance()
        began, cpu = time.perf_counter(), time.process_time()
        for day in (FIRST + timedelta(days=n) for n in range(NIGHTS)):
            stand_in.move_clock(datetime(day.year, day.month, day.day, 2, tzinfo=ZONE) + timedelta(days=1))
            failures += run_night(records, day, streams).failures
        wall, cpu = time.perf_counter() - began, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    table = Table(title=f"{NIGHTS} nights, 200 customers, {', '.join(v.name for v in active)}")
    table.add_column("figure")
    table.add_column("measured", justify="right")
    table.add_column("goal", justify="right")
    table.add_row("wall", f"{wall:.1f} s", f"< {GOALS[names]:.0f} s")
    table.add_row("CPU of the pipeline's process", f"{cpu:.1f} s", "")
    table.add_row("peak memory", f"{peak:.0f} MB", "")
    for part, seconds in spent.items():
        table.add_row(part, f"{seconds / wall:.0%}", "")
    table.add_row("outside extract, parse and SQL", f"{1 - sum(spent.values()) / wall:.0%}", "")
    table.add_row("failed steps", str(len(failures)), "0")
    out.print(table)


def _timed(function: Callable[..., Any], spent: dict[str, float], part: str) -> Callable[..., Any]:
    def timed(*args: Any, **kwargs: Any) -> Any:
        began = time.perf_counter()
        try:
            return function(*args, **kwargs)
        finally:
            spent[part] += time.perf_counter() - began

    return timed


if __name__ == "__main__":
    measure(Console(), tuple(sys.argv[1:]))
