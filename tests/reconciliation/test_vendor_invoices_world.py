"""The invoices of the sandbox's vendors against its world: right to the cent, over three months."""

from __future__ import annotations

import pytest

from connectors.sandbox.invoices import VENDORS, vendor_invoice
from connectors.sandbox.world import World
from tests.reconciliation.planted import MONTHS, Warehouse, findings, reconcile
from tests.reconciliation.staged_truth import stage_invoice

pytestmark = pytest.mark.xdist_group("planted")

CUSTOMERS = 40


def test_every_line_of_every_vendor_meets_what_was_used_and_what_we_billed() -> None:
    """Means, peaks, percentiles, terms of months, tiers over all customers; exclusions, trials and moves."""
    warehouse, world = Warehouse(CUSTOMERS), World(CUSTOMERS)
    invoices = {
        (vendor, month): vendor_invoice(world, vendor, month, MONTHS[0])
        for vendor in VENDORS
        for month in MONTHS
    }
    for (vendor, month), lines in invoices.items():
        stage_invoice(warehouse.connection, vendor, month, lines)
    reconcile(warehouse.connection)
    assert findings(warehouse.connection) == []
    matched = warehouse.connection.execute(
        "SELECT vendor, month, sum(lines) FROM reconciliation.three_way "
        "WHERE basis = 'usage' AND cause IS NULL AND abs(quantity_difference) = 0 AND amount_difference = 0 "
        "AND billable_quantity IS NOT DISTINCT FROM billed_quantity GROUP BY ALL"
    ).fetchall()
    assert {(vendor, month): lines for vendor, month, lines in matched} == {
        key: len(lines) for key, lines in invoices.items()
    }
