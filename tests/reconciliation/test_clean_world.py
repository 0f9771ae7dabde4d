"""A world in which nothing is wrong has no finding: `make test` asks 200 customers, the nightly 2,000."""

from __future__ import annotations

import os

import pytest

from connectors.sandbox.invoices import VENDORS
from tests.reconciliation.planted import MONTHS, Warehouse, findings
from warehouse import invariants

pytestmark = pytest.mark.xdist_group("clean world")  # it is billed once

CUSTOMERS = int(os.environ.get("CLEAN_CUSTOMERS", "200"))


@pytest.fixture(scope="module")
def warehouse() -> Warehouse:
    """A world without plants, billed."""
    return Warehouse(CUSTOMERS)


def test_a_clean_world_has_no_finding_over_three_months(warehouse: Warehouse) -> None:
    """Growth, moves, trials, exclusions, zeros, those that come and those that leave are natural."""
    with warehouse.planted() as connection:
        assert findings(connection) == []
        invariants.verify(connection, MONTHS)


def test_nor_has_it_one_when_the_vendors_invoices_are_brought(warehouse: Warehouse) -> None:
    """What the vendors charge is what was used, at the prices that were agreed."""
    with warehouse.planted(brought=VENDORS) as connection:
        assert findings(connection) == []
