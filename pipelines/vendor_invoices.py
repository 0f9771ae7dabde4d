"""The invoices of the sandbox's vendors: written as files, and imported like those of real ones."""

from __future__ import annotations

from datetime import date

import dagster as dg

from connectors.files.fetch import file_to_import
from connectors.sandbox import CUSTOMERS
from connectors.sandbox.invoices import write_invoices
from connectors.sandbox.world import World
from pipelines.imports import bring, build
from pipelines.settings import Settings
from warehouse.calendar import month_days
from warehouse.landing import Landing


def import_sandbox_invoices(
    records: dg.DagsterInstance, settings: Settings, month: date, customers: int = CUSTOMERS
) -> list[str]:
    """Write what the sandbox's vendors invoice for a month to sandbox/invoices, and import what is not there.

    Parameters:
        month: its first day; all of it is over and landed.
        customers: of the sandbox's world.

    Returns:
        One line for each step that failed.
    """
    landing, last = Landing(settings.raw), month_days(month)[-1]
    landed = {pull.usage_date for pull in landing.current()}
    if not landed:  # every pull failed, which is told
        return []
    known = {pull.connection for pull in landing.current([last], vendor="files", stream="invoices")}
    written = [
        invoice
        for invoice in write_invoices(
            World(customers, zone=settings.zone), month, settings.home / "sandbox" / "invoices", min(landed)
        )
        if invoice.mapping.stem not in known
    ]
    failures = [
        failure
        for invoice in written
        for failure in bring(
            records,
            file_to_import(invoice.file, invoice.mapping, None, invoice.total),
            invoice.mapping,
            [last],
        )
    ]
    return failures or (build(records, [last]) if written else [])
