"""From 18 million staged readings to usage records: CPU and memory of a month, and of one night more.

30 days of 200,000 accounts with three meters each. Metering follows the number of those who are billed:
2,000 customers of 100 accounts are what a distributor has; 200,000, every account for itself, is the most.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

CUSTOMERS = (2_000, 200_000)
GOALS = {"meter": ("the month", 20, 1024), "night": ("one changed day", 6, 1024)}  # CPU seconds, MB


def main(out: Console) -> None:
    """Stage, meter and print: every step in a process of its own."""
    table = Table(
        *("", "customers", "CPU s", "goal", "wall s", "peak MB", "goal", "usage records", "unknown"),
        title="18 million readings into usage records",
    )
    with tempfile.TemporaryDirectory() as directory:
        for customers in CUSTOMERS:
            file = Path(directory) / f"{customers}.duckdb"
            run(file, "make", customers)
            for what, (title, cpu, peak) in GOALS.items():
                figures = json.loads(run(file, what, customers))
                table.add_row(
                    title,
                    f"{customers:,}",
                    f"{figures['cpu']:.1f}",
                    f"<= {cpu}",
                    f"{figures['wall']:.1f}",
                    f"{figures['peak_mb']:.0f}",
                    f"<= {peak}",
                    f"{figures['records']:,}",
                    str(figures["unknown"]),
                )
            file.unlink()
    out.print(table)


def run(file: Path, what: str, customers: int) -> bytes:
    """One step in a process of its own; returns what it printed."""
    command = [sys.executable, "-m", "tests.bench.metering", str(file), what, str(customers)]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout


if __name__ == "__main__":
    main(Console())
