"""One night, and many: the vendors' jobs, then the warehouse."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import date, timedelta

import dagster as dg

from connectors import clock
from connectors.stream import Stream
from pipelines.partitions import ZONE
from pipelines.runs import RunReport, run_job
from pipelines.workers import Workers


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
    """Run the nightly job of each vendor over its `streams`, then the warehouse, all in this process."""
    reports = {
        vendor: run_job(records, f"{vendor}_nightly", day, assets=assets)
        for vendor, assets in _by_vendor(streams).items()
    }
    return NightReport(day, reports, run_job(records, "warehouse_nightly", day))


def run_nights(workers: Workers, nights: Iterable[tuple[date, Sequence[Stream]]]) -> Iterator[NightReport]:
    """Run many nights: the vendors side by side, and each warehouse beside the pulls of the night after.

    A warehouse run reads the pulls that its own night recorded, so that those of the next do not touch it.

    Parameters:
        nights: day and streams. The next one is asked for when every pull of the one before has ended:
            whoever gives it may move the clock then.

    Returns:
        The reports, each when its warehouse is built.
    """
    before: tuple[date, dict[str, RunReport], Future[RunReport]] | None = None
    for day, streams in nights:
        runs = {
            vendor: workers.run(f"{vendor}_nightly", day, assets)
            for vendor, assets in _by_vendor(streams).items()
        }
        reports = {vendor: run.result() for vendor, run in runs.items()}
        if before:
            yield _whole(*before)
        before = day, reports, workers.run("warehouse_nightly", day)
    if before:
        yield _whole(*before)


def _whole(day: date, vendors: dict[str, RunReport], warehouse: Future[RunReport]) -> NightReport:
    return NightReport(day, vendors, warehouse.result())


def _by_vendor(streams: Sequence[Stream]) -> dict[str, list[dg.AssetKey]]:
    """The assets of each vendor's streams."""
    assets: dict[str, list[dg.AssetKey]] = {}
    for stream in streams:
        assets.setdefault(stream.vendor, []).append(dg.AssetKey([stream.vendor, stream.name]))
    return assets
