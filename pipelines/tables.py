"""Every table of the warehouse as an asset; one step builds them all and publishes once."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import dagster as dg
from pydantic import Field

from connectors.vendor import vendors
from pipelines.partitions import DAILY, usage_day
from pipelines.schedules import WAREHOUSE_CONDITION
from pipelines.settings import load_settings
from warehouse.build import TableReport, build_days
from warehouse.models import Model, models

STREAMS = {
    f"raw.{vendor.name}_{stream.name}": dg.AssetKey([vendor.name, stream.name])
    for vendor in vendors().values()
    for stream in vendor.streams
}


def _key(name: str) -> dg.AssetKey:
    """`schema.table` as an asset key; a raw view is the stream it shows."""
    return STREAMS.get(name) or dg.AssetKey(name.split("."))


def _specs() -> Iterator[dg.AssetSpec]:
    shown = [model for model in models() if model.is_shown]
    for number, model in enumerate(shown):
        yield dg.AssetSpec(
            _key(model.name),
            group_name=model.name.split(".", maxsplit=1)[0],
            deps=[_key(name) for name in sorted(_shown_sources(model))],
            description=_description(model),
            kinds={"duckdb", "sql"},
            # The tables are built together: a condition on one of them asks for all.
            automation_condition=None if number else WAREHOUSE_CONDITION,
        )


def _shown_sources(model: Model) -> set[str]:
    """The streams and shown tables it is made of, through the steps between them."""
    by_name = {other.name: other for other in models()}
    found, seen, waiting = set[str](), {model.name}, [*model.reads]
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        if name in STREAMS or (name in by_name and by_name[name].is_shown):
            found.add(name)
        elif name in by_name:
            waiting += by_name[name].reads
    return found


def _description(model: Model) -> str:
    words = "\n".join(f"- {word}: {text}" for word, text in model.header.items() if word != "meaning")
    return f"{model.header['meaning']}\n\n{words}"


class Days(dg.Config):
    """Further days to build in the same step."""

    also: list[str] = Field(default_factory=list)


@dg.multi_asset(name="warehouse", specs=list(_specs()), partitions_def=DAILY)
def warehouse_tables(context: dg.AssetExecutionContext, config: Days) -> Iterator[dg.MaterializeResult[None]]:
    """Build one day and the month it is in, check the result, publish it, and show each table."""
    settings = load_settings(only=())
    days = {usage_day(context).date, *map(date.fromisoformat, config.also)}
    for report in build_days(settings.home, settings.reference, days):
        yield dg.MaterializeResult(asset_key=_key(report.table), metadata=_metadata(report))


def _metadata(report: TableReport) -> dict[str, Any]:
    columns = [dg.TableColumn(name, type_) for name, type_ in report.columns]
    return {
        "dagster/row_count": report.total_rows,
        "dagster/partition_row_count": report.rows,
        "dagster/column_schema": dg.TableSchema(columns),
        "preview": dg.MetadataValue.md(report.preview),
    }
