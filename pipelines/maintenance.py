"""Jobs that bring derived data back from raw: rows from stored answers, the warehouse from rows."""

import dagster as dg

from connectors.vendor import vendors
from pipelines.partitions import DAILY, usage_day
from pipelines.settings import load_settings
from warehouse.build import rebuild as rebuild_warehouse
from warehouse.landing import Landing, RawDamaged


@dg.op(
    config_schema={"vendor": str, "stream": str},
    description="Rebuilds the rows of one day's current pulls from the stored response bytes.",
)
def replay_day(context: dg.OpExecutionContext) -> None:
    """Replay the current pulls of one day; empty `vendor` or `stream` means every one.

    Raises:
        dg.Failure: nothing is landed for that day, or rows or answers differ from what was landed.
    """
    day = usage_day(context).date
    landing = Landing(load_settings(only=()).raw)
    wanted = context.op_config
    replayed = 0
    for pull in landing.current([day]):
        if wanted["vendor"] in ("", pull.vendor) and wanted["stream"] in ("", pull.stream):
            try:
                landing.replay(vendors()[pull.vendor].stream(pull.stream), pull)
            except RawDamaged as damage:
                raise dg.Failure(str(damage), allow_retries=False) from None
            replayed += 1
    if not replayed:
        raise dg.Failure(f"{day}: nothing is landed that could be replayed", allow_retries=False)
    context.log.info("%s: %d pulls replayed, identical", day, replayed)


@dg.job(
    partitions_def=DAILY,
    executor_def=dg.in_process_executor,
    description="Rebuilds landed rows from the stored answers of the vendors, without network.",
)
def replay() -> None:
    """See `replay_day`."""
    replay_day()


@dg.op(description="Builds the whole warehouse from raw and reference and publishes it.")
def rebuild_all(context: dg.OpExecutionContext) -> None:
    """Build every landed day into a new file and swap it in."""
    settings = load_settings(only=())
    for report in rebuild_warehouse(settings.home, settings.reference):
        rows = "a view" if report.total_rows is None else f"{report.total_rows} rows"
        context.log.info("%s: %s", report.table, rows)


@dg.job(
    partitions_def=DAILY,
    executor_def=dg.in_process_executor,
    description="Builds the warehouse anew from raw and reference alone.",
)
def rebuild() -> None:
    """See `rebuild_all`."""
    rebuild_all()
