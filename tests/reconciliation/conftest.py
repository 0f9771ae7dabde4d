"""The shop that the tests of the checks sell in."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from tests.reconciliation.sold import Sold, sold
from tests.warehouse.shop import empty_warehouse


@pytest.fixture(scope="session")
def shop_warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    """Tables take longer to make than to empty: what a test writes there is rolled back."""
    with empty_warehouse() as made:
        yield made


@pytest.fixture
def shop(shop_warehouse: duckdb.DuckDBPyConnection) -> Iterator[Sold]:
    """Two landed months in which nothing is sold yet."""
    with sold(shop_warehouse) as made:
        yield made
