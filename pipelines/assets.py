"""One asset per vendor stream: pull one day, land it, and show the evidence."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pyarrow as pa
import pyarrow.parquet as pq

from connectors.errors import VendorError
from connectors.stream import Stream
from connectors.vendor import Vendor
from pipelines.partitions import DAILY, ZONE, usage_day
from pipelines.resources import Connections
from warehouse.landing import Pull

COMPLETENESS = "completeness"
Failed = tuple[str, VendorError]
"""A connection, and why it has no pull."""

# 06:00 is an hour before finance reads; the first try is five hours earlier.
LANDED_BY_SIX = dg.FreshnessPolicy.cron(
    deadline_cron="0 6 * * *", lower_bound_delta=timedelta(hours=6), timezone=ZONE.key
)


def stream_assets(vendor: Vendor) -> list[dg.AssetsDefinition]:
    """An asset `<vendor>/<stream>` for every stream of the vendor."""
    return [_stream_asset(vendor, stream) for stream in vendor.streams]


def _stream_asset(vendor: Vendor, stream: Stream) -> dg.AssetsDefinition:
    @asset_of(vendor, stream, freshness=LANDED_BY_SIX)
    def pull(context: dg.AssetExecutionContext, connections: Connections) -> Iterator[Any]:
        day = usage_day(context)
        landing = connections.landing()
        landed: list[Pull] = []
        failures: list[Failed] = []
        try:
            names = connections.names(vendor)
        except VendorError as error:
            names, failures = [], [("", error)]
        for name in names:
            try:
                declared = connections.declared(vendor, name, stream)
                landed.append(
                    landing.land(declared, name, day, _fetch(connections, vendor, stream, name, day))
                )
            except VendorError as error:
                failures.append((name, error))
        again = f"backup-billing nightly --date {day.date} --vendor {vendor.name} --stream {stream.name}"
        yield from shown(vendor, stream, context.partition_key, landed, failures, again=again)

    return pull


def asset_of(
    vendor: Vendor, stream: Stream, *, freshness: dg.FreshnessPolicy | None = None
) -> Callable[[Callable[..., Iterator[Any]]], dg.AssetsDefinition]:
    """`dagster.asset` with all that the catalogue says of a stream."""
    key = dg.AssetKey([vendor.name, stream.name])
    return dg.asset(
        key=key,
        group_name=vendor.name,
        partitions_def=DAILY,
        description=f"{stream.description}\n\nPaging: {stream.paging}\n\nProof: {stream.control_total}",
        kinds={vendor.protocol, "parquet"},
        tags={"vendor": vendor.name, "as_of": stream.as_of.value},
        metadata={"dagster/column_schema": _column_schema(stream.schema)},
        freshness_policy=freshness,
        check_specs=[
            dg.AssetCheckSpec(
                COMPLETENESS, asset=key, description=f"Every pull proves itself: {stream.control_total}"
            )
        ],
    )


def shown(
    vendor: Vendor, stream: Stream, day: str, landed: list[Pull], failures: list[Failed], *, again: str
) -> Iterator[Any]:
    """The evidence of one day: the check of completeness, then the failure, or what was landed.

    Parameters:
        day: as people read it.
        failures: connection and error; empty when all is landed.
        again: the command that tries once more.

    Raises:
        dg.Failure: there are failures.
    """
    key = dg.AssetKey([vendor.name, stream.name])
    yield dg.AssetCheckResult(
        asset_key=key,
        check_name=COMPLETENESS,
        passed=not failures,
        metadata={"evidence": dg.MetadataValue.md(_evidence(landed, failures))},
    )
    if failures:
        raise _failure(vendor, stream, day, failures, again)
    yield dg.MaterializeResult(asset_key=key, metadata=_metadata(landed))


def _fetch(
    connections: Connections, vendor: Vendor, stream: Stream, name: str, day: Any
) -> Callable[[], Iterator[Any]]:
    """What asks for the day; where a pull can be resumed, only for what a failed one has not been told."""
    if resume := stream.resume:
        answered = connections.landing().answered
        return lambda: resume(connections.client(vendor, name), day, answered(stream, name, day))
    return lambda: stream.fetch(connections.client(vendor, name), day)


def _failure(vendor: Vendor, stream: Stream, day: str, failures: list[Failed], again: str) -> dg.Failure:
    """What ops read at 03:00: which vendor, stream and day, why in one sentence, where the answer is kept."""
    sentences = [_sentence(name, error) for name, error in failures]
    metadata: dict[str, Any] = {
        "vendor": vendor.title,
        "stream": stream.id,
        "usage_date": day,
        "why": " · ".join(sentences),
    }
    kept = [error.pull.responses_path for _, error in failures if error.pull and error.pull.responses_path]
    if kept:
        metadata["response_kept_at"] = dg.MetadataValue.path(Connections.landing().home / kept[0])
    metadata["run_it_again"] = again
    if exchanges := [error.exchanges[-1] for _, error in failures if error.exchanges]:
        metadata["request"] = dg.MetadataValue.md(_code(exchanges[0].request))
        metadata["answer"] = dg.MetadataValue.md(_code(exchanges[0].body[:2000].decode(errors="replace")))
    return dg.Failure(f"{stream.id} {day}: {metadata['why']}", metadata, allow_retries=False)


def _code(text: str) -> str:
    return f"```\n{text}\n```"


def _sentence(name: str, error: VendorError) -> str:
    return f"{name}: {error}" if name not in ("", "default") else str(error)


def _evidence(landed: list[Pull], failures: list[Failed]) -> str:
    """The proof of each connection's pull as a Markdown table."""
    lines = ["connection | rows | vendor total | pages | quarantined | verdict", "---|---|---|---|---|---"]
    for pull in landed:
        total = "not stated" if pull.vendor_total is None else str(pull.vendor_total)
        counts = f"{pull.rows} | {total} | {pull.pages} | {pull.quarantined}"
        lines.append(f"{pull.connection} | {counts} | complete")
    lines += [f"{name} | | | | | {error}" for name, error in failures]
    return "\n".join(lines)


def preview(rows: Path, longest: int = 5) -> str:
    """The first rows of a rows file as a Markdown table."""
    batch = next(pq.ParquetFile(rows).iter_batches(batch_size=longest), None)
    if batch is None:
        return "no rows"
    lines = [batch.schema.names, ["---"] * batch.num_columns]
    lines += [[_cell(value) for value in row.values()] for row in batch.to_pylist()]
    return "\n".join(" | ".join(line) for line in lines)


def _cell(value: object) -> str:
    return "" if value is None else str(value).replace("|", "\\|").replace("\n", " ")[:60]


def _metadata(landed: list[Pull]) -> dict[str, Any]:
    """What the asset's page shows of a landed day."""
    rows = sum(pull.rows for pull in landed)
    unknown = sorted({name for pull in landed for name in pull.unknown_fields})
    landing = Connections.landing()
    metadata: dict[str, Any] = {
        "dagster/partition_row_count": rows,
        "evidence": dg.MetadataValue.md(_evidence(landed, [])),
        "quarantined": sum(pull.quarantined for pull in landed),
        "unknown_fields": ", ".join(unknown) or "none",
        "preview": dg.MetadataValue.md(preview(landing.home / str(landed[0].rows_path))),
    }
    for pull in landed:
        suffix = "" if len(landed) == 1 else f" ({pull.connection})"
        metadata[f"pull_id{suffix}"] = pull.pull_id
        for kind, path in (("rows", pull.rows_path), ("responses", pull.responses_path)):
            metadata[f"{kind}_path{suffix}"] = dg.MetadataValue.path(landing.home / str(path))
    return metadata


def _column_schema(schema: pa.Schema) -> dg.TableSchema:
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                field.name,
                str(field.type),
                description=(field.metadata or {}).get(b"unit", b"").decode() or None,
                constraints=dg.TableColumnConstraints(nullable=field.nullable),
            )
            for field in schema
        ]
    )
