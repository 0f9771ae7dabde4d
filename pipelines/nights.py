"""One night, and many: the vendors' jobs, then the warehouse."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import dagster as dg

from connectors import clock
from connectors.vendor import Vendor
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


def run_night(
    records: dg.DagsterInstance, day: date, vendors: Sequence[Vendor], stream: str | None = None
) -> NightReport:
    """Run the nightly job of each vendor for `day`, then the warehouse.

    Parameters:
        stream: only this stream of the vendors; all of them when None.
    """
    reports = {
        vendor.name: run_job(records, f"{vendor.name}_nightly", day, assets=assets)
        for vendor, assets in _selections(vendors, stream)
    }
    return NightReport(day, reports, run_job(records, "warehouse_nightly", day))


def _selections(
    vendors: Sequence[Vendor], stream: str | None
) -> Iterator[tuple[Vendor, list[dg.AssetKey] | None]]:
    for vendor in vendors:
        if stream is None:
            yield vendor, None
        elif any(known.name == stream for known in vendor.streams):
            yield vendor, [dg.AssetKey([vendor.name, stream])]
