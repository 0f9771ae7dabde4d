"""Every table of the warehouse as an asset; one step builds them all and publishes once."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import dagster as dg
from pydantic import Field

from connectors.vendor import vendors
from pipelines.partitions import DAILY, usage_day
from pipelines.schedules import WAREHOUSE_CONDITION
from pipelines.settings import load_settings
from warehouse.build import TableReport, build_days
from warehouse.models import Model, models
from warehouse.query import markdown
from warehouse.reconciliation.catalogue import checks
from warehouse.reconciliation.overview import by_check, by_name

FINDINGS = "reconciliation.finding"
WORST = 10  # findings in the report of a check

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


def _check_specs() -> Iterator[dg.AssetCheckSpec]:
    for check in checks():
        codes = "\n".join(f"- {code}: {title}" for code, title in check.codes.items())
        yield dg.AssetCheckSpec(
            check.name,
            asset=_key(check.guards),
            description=f"{check.meaning}\n\n{codes}\n\nStops: {check.stops}",
        )


@dg.multi_asset(
    name="warehouse", specs=list(_specs()), check_specs=list(_check_specs()), partitions_def=DAILY
)
def warehouse_tables(
    context: dg.AssetExecutionContext, config: Days
) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
    """Build one day and the month it is in, check the result, publish it, and show each table and check."""
    settings = load_settings(only=())
    days = {usage_day(context).date, *map(date.fromisoformat, config.also)}
    for report in build_days(settings.home, settings.reference, days):
        overview = _overview(settings.warehouse) if report.table == FINDINGS else {}
        yield dg.MaterializeResult(asset_key=_key(report.table), metadata=_metadata(report) | overview)
    yield from _check_results(settings.warehouse)


def _overview(warehouse: Path) -> dict[str, Any]:
    """What does not add up, by check and worst first."""
    answer = by_check(warehouse)
    return {"overview": dg.MetadataValue.md(markdown(answer) if answer.rows else "Everything adds up.")}


def _check_results(warehouse: Path) -> Iterator[dg.AssetCheckResult]:
    """Each check passes where none of its findings stands; those that somebody let pass do not."""
    for check, answer in by_name(warehouse):
        metadata: dict[str, Any] = {"findings": len(answer.rows)}
        if answer.rows:
            metadata["worst"] = dg.MetadataValue.md(markdown(answer, WORST))
        yield dg.AssetCheckResult(
            asset_key=_key(check.guards),
            check_name=check.name,
            passed=not answer.rows,
            severity=dg.AssetCheckSeverity.WARN if check.stops == "no" else dg.AssetCheckSeverity.ERROR,
            metadata=metadata,
        )


def _metadata(report: TableReport) -> dict[str, Any]:
    columns = [dg.TableColumn(name, type_) for name, type_ in report.columns]
    counted = {"dagster/row_count": report.total_rows, "dagster/partition_row_count": report.rows}
    return {
        **{name: rows for name, rows in counted.items() if rows is not None},
        "dagster/column_schema": dg.TableSchema(columns),
        "preview": dg.MetadataValue.md(report.preview),
    }
