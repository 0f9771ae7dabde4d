"""The code location: what Dagster sees, on one screen."""

from __future__ import annotations

import dagster as dg

from connectors.vendor import vendors
from pipelines.assets import stream_assets
from pipelines.imports import import_assets
from pipelines.maintenance import rebuild, replay
from pipelines.resources import Connections
from pipelines.schedules import nightly_schedule
from pipelines.tables import warehouse_tables

ASKED = [vendor for vendor in vendors().values() if vendor.asked]
BROUGHT = [vendor for vendor in vendors().values() if not vendor.asked]

VENDOR_JOBS = {
    vendor: dg.define_asset_job(
        f"{vendor.name}_nightly",
        selection=dg.AssetSelection.groups(vendor.name),
        executor_def=dg.in_process_executor,
        tags={"vendor": vendor.name},
        description=f"Pulls and lands every stream of {vendor.title} for one day.",
    )
    for vendor in ASKED
}

IMPORT_JOBS = [
    dg.define_asset_job(
        f"{vendor.name}_import",
        selection=dg.AssetSelection.groups(vendor.name),
        executor_def=dg.in_process_executor,
        description="Lands a file that somebody brought, for one day or each day of a month.",
    )
    for vendor in BROUGHT
]

WAREHOUSE_JOB = dg.define_asset_job(
    "warehouse_nightly",
    selection=dg.AssetSelection.assets(warehouse_tables),
    executor_def=dg.in_process_executor,
    description="Brings every table up to date for one day and publishes the warehouse in one step.",
)

defs = dg.Definitions(
    assets=[
        *(asset for vendor in ASKED for asset in stream_assets(vendor)),
        *(asset for vendor in BROUGHT for asset in import_assets(vendor)),
        warehouse_tables,
    ],
    jobs=[*VENDOR_JOBS.values(), *IMPORT_JOBS, WAREHOUSE_JOB, replay, rebuild],
    schedules=[nightly_schedule(vendor, job) for vendor, job in VENDOR_JOBS.items()],
    sensors=[
        dg.AutomationConditionSensorDefinition(
            "warehouse_follows",
            target=dg.AssetSelection.assets(warehouse_tables),
            default_status=dg.DefaultSensorStatus.RUNNING,
        )
    ],
    resources={"connections": Connections()},
    executor=dg.in_process_executor,
)
