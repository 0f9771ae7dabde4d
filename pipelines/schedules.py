"""When things run by themselves: each vendor's night, and the warehouse behind them."""

from __future__ import annotations

from datetime import timedelta

import dagster as dg

from connectors.vendor import Vendor, vendors
from pipelines.partitions import ZONE
from pipelines.settings import ConfigurationMistakes, load_settings

# Outside 02:00 to 03:00, the hour that daylight saving time skips or repeats, and early enough in
# the snapshot window that a vendor that answers 503 can be asked again until noon.
NIGHTLY = "15 1 * * *"

# The warehouse is built for a day when every stream of it has landed, at five o'clock with what is
# there, and again whenever something lands later.
# A file that somebody may bring is not waited for.
BROUGHT = dg.AssetSelection.groups(*(vendor.name for vendor in vendors().values() if not vendor.asked))
COMPLETE = (
    dg.AutomationCondition.eager().without(dg.AutomationCondition.in_latest_time_window()).ignore(BROUGHT)
)
CUT_OFF = (
    dg.AutomationCondition.cron_tick_passed("0 5 * * *", ZONE.key)
    & dg.AutomationCondition.in_latest_time_window()
    & dg.AutomationCondition.missing()
)
LANDED_AGAIN = (
    dg.AutomationCondition.any_deps_updated().since_last_handled()
    & ~dg.AutomationCondition.missing()
    & ~dg.AutomationCondition.any_deps_in_progress()
    & ~dg.AutomationCondition.in_progress()
)
WAREHOUSE_CONDITION = COMPLETE | CUT_OFF | LANDED_AGAIN


def nightly_schedule(vendor: Vendor, job: dg.UnresolvedAssetJobDefinition) -> dg.ScheduleDefinition:
    """The vendor's schedule: its job for the day that just ended, in the billing time zone.

    It runs from the start when the vendor is configured, and waits to be switched on otherwise.
    """

    @dg.schedule(
        name=f"{vendor.name}_nightly",
        job=job,
        cron_schedule=NIGHTLY,
        execution_timezone=ZONE.key,
        default_status=_status(vendor),
        description=f"Pulls every stream of {vendor.title} for the day that ended at midnight.",
    )
    def schedule(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        local = context.scheduled_execution_time.astimezone(ZONE)
        return dg.RunRequest(partition_key=(local - timedelta(days=1)).strftime("%Y-%m-%d"))

    return schedule


def _status(vendor: Vendor) -> dg.DefaultScheduleStatus:
    try:
        active = bool(load_settings(only=[vendor.name]).connections[vendor.name])
    except ConfigurationMistakes:
        active = True  # it is meant to run: the failing run says what is wrong
    return dg.DefaultScheduleStatus.RUNNING if active else dg.DefaultScheduleStatus.STOPPED
