"""From nothing to a bill: every night that is not landed yet, then the draft invoices."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from connectors.stream import Stream, UsageDay
from connectors.vendor import vendors
from pipelines.nights import nights_to_catch_up, run_nights
from pipelines.partitions import ZONE
from pipelines.printing import print_bill
from pipelines.runs import instance
from pipelines.settings import Settings
from pipelines.stand_in import stand_in_if_needed
from pipelines.vendor_invoices import import_sandbox_invoices
from pipelines.workers import Workers
from warehouse.build import unbuilt_days
from warehouse.landing import Landing, refusal

AT_NIGHT = time(2)


def catch_up(configured: Settings, out: Console) -> list[str]:
    """Run the nights of the last full month and up to yesterday, and print the month's bill.

    What is landed is left as it is, so that running again is quick. What a vendor can no longer tell
    of a day is not asked; it is listed among the findings.

    Returns:
        One line for each step that failed.
    """
    failures: list[str] = []
    with stand_in_if_needed(configured) as (settings, stand_in):
        if stand_in:
            out.print("No vendor is configured: the sandbox stands in for them, with made-up customers.")
        elif not any(settings.connections.values()):
            out.print(f"No vendor is configured, so none is asked: {settings.home} is billed as it is.")
        nights = nights_to_catch_up()
        with _progress(out) as progress, Workers(instance()) as workers:
            task = progress.add_task("nights", total=len(nights))

            def due() -> Iterator[tuple[date, list[Stream]]]:
                """The nights with something to do, each at two o'clock of the stand-in."""
                landing, unbuilt = Landing(settings.raw), unbuilt_days(settings.home)
                for number, day in enumerate(nights, start=1):
                    progress.update(task, description=f"night of {day}")
                    if not out.is_terminal:  # where no bar can move, as in a log
                        out.print(f"night of {day}, {number} of {len(nights)}")
                    if stand_in:
                        stand_in.move_clock(datetime.combine(day + timedelta(days=1), AT_NIGHT, ZONE))
                    missing = _missing(settings, landing, day)
                    if missing or day in unbuilt:  # the last run was stopped between landing and building
                        yield day, missing
                    progress.advance(task)

            for report in run_nights(workers, due()):
                failures += report.failures
        if stand_in:
            failures += import_sandbox_invoices(instance(), settings, nights[0].replace(day=1))
        if settings.warehouse.exists():  # not where the first build failed
            print_bill(settings, nights[0], out)
    return failures


def _missing(settings: Settings, landing: Landing, day: date) -> list[Stream]:
    """The streams of active vendors that have no complete pull for `day` and can still be read for it."""
    landed = {(pull.vendor, pull.connection, pull.stream) for pull in landing.current([day])}
    return [
        stream
        for vendor in vendors().values()
        for stream in vendor.streams
        if any(
            (vendor.name, connection.name, stream.name) not in landed
            and not refusal(vendor.declared(stream, connection), UsageDay(day, ZONE))
            for connection in settings.connections[vendor.name]
        )
    ]


def _progress(out: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=out
    )
