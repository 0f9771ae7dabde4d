"""A world in which nothing is wrong has no finding: `make test` asks 200 customers, the nightly 2,000."""

from __future__ import annotations

import os

from tests.reconciliation.planted import MONTHS, Warehouse, findings
from warehouse import invariants

CUSTOMERS = int(os.environ.get("CLEAN_CUSTOMERS", "200"))


def test_a_clean_world_has_no_finding_over_three_months() -> None:
    """Growth, moves, trials, exclusions, zeros, those that come and those that leave are natural."""
    with Warehouse(CUSTOMERS).planted() as connection:
        assert findings(connection) == []
        invariants.verify(connection, MONTHS)
