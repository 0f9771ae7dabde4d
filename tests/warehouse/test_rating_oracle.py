"""Rating against an oracle in fractions that shares no line with the SQL."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import duckdb
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.warehouse.charge_oracle import Rating
from tests.warehouse.emptied import emptied
from tests.warehouse.rated import LONG_AGO, RECORD, broken, prepare, rate
from tests.warehouse.rating_book import Book
from tests.warehouse.rating_cases import MONTHS, generated

CASES = 12
CHARGES = """
    SELECT
        month, billed_customer_id, customer_id, currency, kind, sku, dimension, tier_no,
        service_period_start, service_period_end, quantity, unit_price, exact_amount, cost_amount, tax_class
    FROM billing.charge
"""


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with emptied() as connection:
        yield connection


def charges(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, ...]]:
    """What was charged, each charge in the form of `Charge.key`."""
    return sorted(
        tuple(
            str(None if value is None else Fraction(value) if place in (10, 11, 12, 13) else value)
            for place, value in enumerate(row)
        )
        for row in connection.execute(CHARGES).fetchall()
    )


@settings(
    max_examples=6,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(seed=st.integers(0, 2**32))
def test_every_charge_is_what_the_oracle_says(connection: duckdb.DuckDBPyConnection, seed: int) -> None:
    """Quantities, prices, amounts and costs to the 15th decimal, and what is not charged and why."""
    reference, usage = generated(seed, CASES)
    prepare(connection, reference, usage)
    rate(connection, MONTHS)
    assert broken(connection) == []
    found = charges(connection)
    expected = Rating(Book(reference, LONG_AGO), [RECORD | row for row in usage], MONTHS)
    assert found == sorted(charge.key for charge in expected.charges)
    uncharged = connection.execute(
        "SELECT month, usage_record_id, contract_id, reason FROM billing.uncharged_usage"
    ).fetchall()
    assert sorted(uncharged) == sorted(expected.uncharged)
    vendor_costs = connection.execute(
        "SELECT month, vendor, connection, sku, dimension, cost FROM billing.vendor_cost"
    ).fetchall()
    assert {
        tuple(key): None if cost is None else Fraction(cost) for *key, cost in vendor_costs
    } == expected.vendor_costs
    for month in MONTHS:
        rate(connection, [month])
    assert charges(connection) == found
