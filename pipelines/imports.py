"""Files that people bring: an asset for each kind, landed, checked and shown like a vendor's pull."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import dagster as dg
from pydantic import Field

from connectors.errors import NotConfigured, VendorError
from connectors.files.fetch import FileToImport, file_to_import
from connectors.stream import Stream, UsageDay
from connectors.vendor import Vendor, vendors
from pipelines.assets import Failed, asset_of, shown
from pipelines.partitions import ZONE
from pipelines.resources import Connections
from pipelines.runs import run_job
from warehouse.landing import Pull
from warehouse.query import QueryRefused
from warehouse.reconciliation.vendor_invoices import imported_elsewhere


class Brought(dg.Config):
    """A file, and what vouches for it being whole."""

    file: str = Field(description="Path of the CSV, XLSX or Parquet file.")
    mapping: str = Field(description="Path of the TOML file that says what its columns mean.")
    rows: int | None = Field(default=None, description="How many rows it has, as counted by a person.")
    total: str | None = Field(default=None, description="What the column control.sum_of adds up to.")

    def to_import(self, stream: Stream) -> FileToImport:
        """The file with its mapping.

        Raises:
            NotConfigured: the mapping has mistakes, or is for another stream.
        """
        total = None if self.total is None else Decimal(self.total)
        found = file_to_import(Path(self.file), Path(self.mapping), self.rows, total)
        if found.stream != stream.name:
            raise NotConfigured(
                f"{self.mapping} maps {found.mapping.kind}: import it as files/{found.stream}"
            )
        return found


def import_assets(vendor: Vendor) -> list[dg.AssetsDefinition]:
    """An asset for every stream whose rows arrive as files."""
    return [_import_asset(vendor, stream) for stream in vendor.streams]


def _import_asset(vendor: Vendor, stream: Stream) -> dg.AssetsDefinition:
    @asset_of(vendor, stream)
    def bring(context: dg.AssetExecutionContext, connections: Connections, config: Brought) -> Iterator[Any]:
        landed: list[Pull] = []
        failures: list[Failed] = []
        days = [date.fromisoformat(key) for key in context.partition_keys]
        try:
            brought = config.to_import(stream)
            for day in days:
                usage_day = UsageDay(day, ZONE)
                fetch = partial(stream.fetch, brought, usage_day)
                landed.append(connections.landing().land(stream, brought.mapping.name, usage_day, fetch))
        except VendorError as error:
            failures.append(("", error))
        again = f"backup-billing import {config.file} --mapping {config.mapping} --date {days[-1]}"
        again += "" if config.rows is None else f" --rows {config.rows}"
        again += "" if config.total is None else f" --sum {config.total}"
        # The days of a month hold the same rows.
        yield from shown(vendor, stream, str(days[-1]), landed[-1:], failures, again=again)

    return bring


def land_file(
    records: dg.DagsterInstance, brought: FileToImport, mapping: Path, days: list[date]
) -> list[str]:
    """Run the import of a file for its days, then the warehouse for all of them in one step.

    Parameters:
        mapping: path of the file's mapping.

    Returns:
        One line for each step that failed.
    """
    return bring(records, brought, mapping, days) or build(records, days)


def bring(records: dg.DagsterInstance, brought: FileToImport, mapping: Path, days: list[date]) -> list[str]:
    """Run the import of a file for its days, and leave the warehouse as it is.

    Parameters, Returns: as `land_file`.
    """
    config = {"file": str(brought.file), "mapping": str(mapping), "rows": brought.rows}
    if brought.total is not None:
        config["total"] = str(brought.total)
    landed = run_job(
        records,
        "files_import",
        days[0],
        until=days[-1] if days[1:] else None,
        assets=[dg.AssetKey(["files", brought.stream])],
        config={"ops": {f"files__{brought.stream}": {"config": config}}},
    )
    return [failure.sentence for failure in landed.failures]


def build(records: dg.DagsterInstance, days: list[date]) -> list[str]:
    """Bring the warehouse up to date for what was landed for some days.

    Returns: as `land_file`.
    """
    first, *others = days
    also = {"also": [day.isoformat() for day in others]}
    built = run_job(records, "warehouse_nightly", first, config={"ops": {"warehouse": {"config": also}}})
    return [failure.sentence for failure in built.failures]


def brought_before(warehouse: Path, brought: FileToImport, day: date) -> str:
    """Which invoice of a file was brought already, for another day or by another mapping; empty for none.

    What is brought twice would be compared twice with what was used.
    """
    stream = vendors()["files"].stream("invoices")
    if brought.stream != stream.name:
        return ""
    (exchange,) = stream.fetch(brought, UsageDay(day, ZONE))
    numbers = stream.parse(exchange).rows["invoice_number"].unique().to_pylist()
    whose = brought.mapping
    try:
        found = imported_elsewhere(
            warehouse, whose.vendor, whose.connection, numbers, day=day, mapping=whose.name
        )
    except QueryRefused:  # nothing is published yet
        return ""
    return "".join(
        f"invoice {number} of {whose.vendor} was imported for {then} as {name}: "
        "import the file for that day, by a mapping of that name, to replace it"
        for number, then, name in found
    )
