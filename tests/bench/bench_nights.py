"""31 nights of 200 customers against the stand-in vendors, orchestration included.

Prints wall and CPU seconds and, of some more nights in one process, the share of the time spent outside
extract, parse and SQL: what Dagster and our own glue cost. By itself it takes the names of vendors:
`python -m tests.bench.bench_nights infrascale redstor`; none named means all.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from connectors.stream import Stream
from pipelines.settings import PROJECT
from pipelines.stand_in import StandIn
from tests.unconfigured import unconfigured

NIGHTS = 31
IN_ONE_PROCESS = 3
FIRST = date(2026, 10, 1)
# Seconds of wall time on two quiet cores, by the vendors that are pulled.
GOALS: dict[tuple[str, ...], int] = {("infrascale", "redstor"): 90, (): 150}


MEASURE = "import sys; from tests.bench.bench_nights import measure; measure(tuple(sys.argv[1:]))"


def main() -> None:
    """The nights of each set of vendors that has a goal."""
    for names in GOALS:
        in_a_fresh_process(names)


def in_a_fresh_process(names: tuple[str, ...]) -> None:
    """Run the nights in a fresh process on a fresh home where nothing is configured, and print the figures.

    Parameters:
        names: of the vendors that are pulled; none named means all.
    """
    with tempfile.TemporaryDirectory() as directory:
        home = Path(directory)
        (home / "dagster").mkdir()
        ours = (PROJECT / "dagster.yaml").read_text()
        (home / "dagster" / "dagster.yaml").write_text(ours.replace(".dagster/", f"{home}/dagster/"))
        environment = {
            **unconfigured(os.environ),
            "BACKUP_BILLING_HOME": str(home / "data"),
            "DAGSTER_HOME": str(home / "dagster"),
        }
        subprocess.run([sys.executable, "-c", MEASURE, *names], env=environment, check=True)


def measure(names: tuple[str, ...]) -> None:
    """The nights themselves, on as many processes as a catch-up uses, and a few more in this one."""
    out = Console()
    from connectors.vendor import vendors
    from pipelines.nights import run_nights
    from pipelines.runs import instance
    from pipelines.settings import load_settings
    from pipelines.stand_in import stand_in_if_needed
    from pipelines.workers import Workers

    with stand_in_if_needed(load_settings()) as (settings, stand_in):
        assert stand_in is not None, "the bench brings its own vendors"
        active = [
            vendor
            for vendor in vendors().values()
            if settings.connections[vendor.name] and (not names or vendor.name in names)
        ]
        streams = [stream for vendor in active for stream in vendor.streams]
        records = instance()
        began = time.perf_counter()
        with Workers(records) as workers:
            reports = list(run_nights(workers, _nights(stand_in, range(NIGHTS), streams)))
        wall, used = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
        shares = _shares(records, _nights(stand_in, range(NIGHTS, NIGHTS + IN_ONE_PROCESS), streams))
    goal = f"< {GOALS[names]} s" if names in GOALS else ""
    table = Table(title=f"{NIGHTS} nights, 200 customers, {', '.join(v.name for v in active)}")
    table.add_column("figure")
    table.add_column("measured", justify="right")
    table.add_column("goal", justify="right")
    table.add_row("wall, the start of processes included", f"{wall:.1f} s", goal)
    table.add_row("CPU of the processes", f"{used.ru_utime + used.ru_stime:.1f} s", "")
    table.add_row("peak memory of one of them", f"{used.ru_maxrss / 1024:.0f} MB", "")
    for part, share in shares.items():
        table.add_row(f"{part} *", f"{share:.0%}", "")
    table.add_row("failed steps", str(sum(len(report.failures) for report in reports)), "0")
    out.print(table)
    out.print(f"* of {IN_ONE_PROCESS} more nights in one process")


def _nights(stand_in: StandIn, numbers: range, streams: list[Stream]) -> Iterator[tuple[date, list[Stream]]]:
    from pipelines.partitions import ZONE

    for day in (FIRST + timedelta(days=n) for n in numbers):
        stand_in.move_clock(datetime(day.year, day.month, day.day, 2, tzinfo=ZONE) + timedelta(days=1))
        yield day, streams


def _shares(records: Any, nights: Iterator[tuple[date, list[Stream]]]) -> dict[str, float]:
    """What the time of a night is spent on, where one thing is done after another."""
    from pipelines import tables
    from pipelines.nights import run_night
    from warehouse.landing import Landing

    spent = {"extract, parse, land": 0.0, "SQL and publish": 0.0}
    Landing.land = _timed(Landing.land, spent, "extract, parse, land")  # type: ignore[method-assign]
    tables.build_days = _timed(tables.build_days, spent, "SQL and publish")
    wall, failures = 0.0, list[str]()
    for day, streams in nights:
        began = time.perf_counter()
        failures += run_night(records, day, streams).failures
        wall += time.perf_counter() - began
    assert not failures, failures
    shares = {part: seconds / wall for part, seconds in spent.items()}
    return {**shares, "outside extract, parse and SQL": 1 - sum(shares.values())}


def _timed(function: Callable[..., Any], spent: dict[str, float], part: str) -> Callable[..., Any]:
    def timed(*args: Any, **kwargs: Any) -> Any:
        began = time.perf_counter()
        try:
            return function(*args, **kwargs)
        finally:
            spent[part] += time.perf_counter() - began

    return timed


if __name__ == "__main__":
    in_a_fresh_process(tuple(sys.argv[1:]))
