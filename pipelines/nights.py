"""One night, and many: the vendors' jobs, then the warehouse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import dagster as dg

from connectors import clock
from connectors.stream import Stream
from pipelines.partitions import ZONE
from pipelines.runs import RunReport, run_job


@dataclass(frozen=True, slots=True)
class NightReport:
    """How the night of one day went: the run of each vendor by name, and of the warehouse."""

    day: date
    vendors: dict[str, RunReport]
    warehouse: RunReport

    @property
    def failures(self) -> list[str]:
        """One line for each step that failed."""
        return [
            f"{self.day} {failure.step}: {failure.sentence}"
            for report in (*self.vendors.values(), self.warehouse)
            for failure in report.failures
        ]


def yesterday() -> date:
    """The last billing day that has ended."""
    return clock.now().astimezone(ZONE).date() - timedelta(days=1)


def nights_to_catch_up() -> list[date]:
    """Every day of the last full month, and on to yesterday."""
    last = yesterday()
    this_month = (last + timedelta(days=1)).replace(day=1)
    first = (this_month - timedelta(days=1)).replace(day=1)
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def run_night(records: dg.DagsterInstance, day: date, streams: Sequence[Stream]) -> NightReport:
    """Run the nightly job of each vendor over its `streams` for `day`, then the warehouse."""
    reports = {
        vendor: run_job(
            records,
            f"{vendor}_nightly",
            day,
            assets=[dg.AssetKey([vendor, stream.name]) for stream in streams if stream.vendor == vendor],
        )
        for vendor in dict.fromkeys(stream.vendor for stream in streams)
    }
    return NightReport(day, reports, run_job(records, "warehouse_nightly", day))
