"""From nothing to a bill: every night that is not landed yet, then the draft invoices."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from connectors.vendor import Vendor, vendors
from pipelines.nights import nights_to_catch_up, run_night
from pipelines.partitions import ZONE
from pipelines.printing import print_bill
from pipelines.runs import instance
from pipelines.settings import Settings
from pipelines.stand_in import stand_in_if_needed
from warehouse.landing import Landing

AT_NIGHT = time(2)


def catch_up(configured: Settings, out: Console) -> list[str]:
    """Run the nights of the last full month and up to yesterday, and print the month's bill.

    Days whose streams are all landed are left as they are, so that running again is quick.

    Returns:
        One line for each step that failed.
    """
    failures: list[str] = []
    with stand_in_if_needed(configured) as (settings, stand_in):
        if stand_in:
            out.print("No vendor is configured: the sandbox stands in for them, with made-up customers.")
        nights = nights_to_catch_up()
        landing, records = Landing(settings.raw), instance()
        with _progress(out) as progress:
            task = progress.add_task("nights", total=len(nights))
            for day in nights:
                progress.update(task, description=f"night of {day}")
                if open_vendors := _not_landed(settings, landing, day):
                    if stand_in:
                        stand_in.move_clock(datetime.combine(day + timedelta(days=1), AT_NIGHT, ZONE))
                    failures += run_night(records, day, open_vendors).failures
                progress.advance(task)
        print_bill(settings, nights[0], out)
    return failures


def _not_landed(settings: Settings, landing: Landing, day: date) -> list[Vendor]:
    """The active vendors of which some stream has no complete pull for `day`."""
    landed = {(pull.vendor, pull.connection, pull.stream) for pull in landing.current([day])}
    return [
        vendor
        for vendor in vendors().values()
        if not {
            (vendor.name, connection.name, stream.name)
            for connection in settings.connections[vendor.name]
            for stream in vendor.streams
        }
        <= landed
    ]


def _progress(out: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=out
    )
