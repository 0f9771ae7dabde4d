"""From a vendor's API to landed Parquet: CPU and memory per million rows, and what latency costs.

Every run is a process of its own; runs of one size are interleaved and the medians printed. The vendor
is another process on the same cores, so CPU seconds and ratios count and wall time only under latency.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from dataclasses import dataclass
from statistics import median

from rich.console import Console
from rich.table import Table

from tests.bench.extract import JSON_ROWS
from tests.bench.vendor_pages import served

REPETITIONS = 3
DELAY_MS, DELAYED_PAGES = 20, 300


@dataclass(frozen=True)
class Plan:
    """What is measured of one kind of page.

    Attributes:
        rows: sizes of the pull.
        naive: rows given to the naive contender, which may need minutes a million.
        cpu, peak_mb, times_naive: goals; CPU seconds a million rows, at most; MB, at most; at least.
    """

    kind: str
    title: str
    rows: tuple[int, ...]
    naive: int
    naive_title: str
    cpu: float
    peak_mb: int
    times_naive: float


JSON = Plan("json", "JSON, 1000 rows a page", (100_000, 1_000_000), 100_000, "requests + pandas", 6, 200, 1)
SOAP = Plan("soap", "SOAP, 5000 rows a page", (100_000, 1_000_000), 10_000, "zeep's objects", 7, 350, 25)


def main(out: Console, *, full: bool = False) -> None:
    """Run everything and print two tables.

    Parameters:
        full: also pulls of 3 million rows.
    """
    with served() as url:
        for plan in (JSON, SOAP):
            out.print(costs(url, plan, (*plan.rows, 3_000_000) if full else plan.rows))
        out.print(latency(url))


def costs(url: str, plan: Plan, sizes: tuple[int, ...]) -> Table:
    """CPU and memory of ours, beside the bytes alone and the naive way."""
    runs = [(f"bytes_{plan.kind}", max(plan.rows)), (f"naive_{plan.kind}", plan.naive)]
    runs += [(f"ours_{plan.kind}", rows) for rows in sizes]
    seen: dict[tuple[str, int], list[dict[str, float]]] = {run: [] for run in runs}
    for _ in range(REPETITIONS):
        for contender, rows in runs:
            seen[contender, rows].append(measured(contender, f"{url}/0/{rows}", rows))
    cpu = {run: median(r["cpu"] for r in found) / run[1] * 1e6 for run, found in seen.items()}
    peak = {run: median(r["peak_mb"] for r in found) for run, found in seen.items()}
    floor, naive = cpu[runs[0]], cpu[runs[1]]
    titles = {"bytes": "bytes alone", "naive": plan.naive_title, "ours": "landed"}
    columns = ("pull of", "CPU s/M rows", "goal", "peak MB", "goal", "x bytes", "naive is x", "goal")
    table = Table("", *columns, title=plan.title)
    for run in runs:
        ours = run[0].startswith("ours")
        table.add_row(
            titles[run[0].partition("_")[0]],
            f"{run[1] // 1000}k",
            f"{cpu[run]:.2f}",
            f"<= {plan.cpu:g}" if ours else "",
            f"{peak[run]:.0f}",
            f"<= {plan.peak_mb}" if ours else "",
            f"{cpu[run] / floor:.0f}",
            f"{naive / cpu[run]:.1f}",
            f">= {plan.times_naive:g}" if ours else "",
        )
    return table


def latency(url: str) -> Table:
    """Wall time when every answer takes its time; no client can beat pages x round trip."""
    rows = DELAYED_PAGES * JSON_ROWS
    contenders = {"bytes_json": "bytes alone", "ours_json": "landed", "naive_json": "requests + pandas"}
    walls: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(REPETITIONS):
        for name, found in walls.items():
            found.append(measured(name, f"{url}/{DELAY_MS}/{rows}", rows)["wall"])
    least = DELAYED_PAGES * DELAY_MS / 1000
    title = f"JSON, {DELAYED_PAGES} pages, {DELAY_MS} ms each: {least:.1f} s at the least"
    table = Table("", "wall s", "x pages x round trip", "goal", title=title)
    for name, found in walls.items():
        wall = median(found)
        goal = "<= 1.2" if name == "ours_json" else ""
        table.add_row(contenders[name], f"{wall:.2f}", f"{wall / least:.2f}", goal)
    return table


def measured(contender: str, url: str, rows: int) -> dict[str, float]:
    """One contender in one process: `wall` and `cpu` in seconds, `peak_mb`."""
    command = [sys.executable, "-m", "tests.bench.extract", contender, url, str(rows)]
    figures: dict[str, float] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return figures


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--full", action="store_true", help="also pulls of 3 million rows")
    main(Console(), full=arguments.parse_args().full)
