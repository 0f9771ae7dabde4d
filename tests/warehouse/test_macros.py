"""The integer arithmetic that the billing SQL shares, against fractions."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import floor

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from warehouse.models import macros

amounts = st.integers(-(10**30), 10**30)
parts = st.integers(-(10**7), 10**7)
wholes = st.integers(1, 10**7)


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("CREATE SCHEMA billing")
        for macro in macros():
            connection.execute(macro)
        yield connection


def rounded(exact: Fraction) -> int:
    """Half away from zero."""
    size = floor(abs(exact) + Fraction(1, 2))
    return size if exact >= 0 else -size


@settings(deadline=None)
@given(n=amounts, part=parts, whole=wholes)
def test_macros_equal_fractions(connection: duckdb.DuckDBPyConnection, n: int, part: int, whole: int) -> None:
    """Halves are rounded away from zero, cuts go toward it, on both sides of it."""
    found = connection.execute(
        "SELECT billing.half(n, d), billing.share(n, part, d), billing.cut(n, part, d) "
        "FROM (SELECT ?::HUGEINT AS n, ?::BIGINT AS part, ?::BIGINT AS d)",
        [n, part, whole],
    ).fetchone()
    exact = Fraction(n * part, whole)
    cut = floor(abs(exact)) if exact >= 0 else -floor(abs(exact))
    assert found == (rounded(Fraction(n, whole)), rounded(exact), cut)


def test_a_figure_beyond_all_bounds_raises(connection: duckdb.DuckDBPyConnection) -> None:
    """What does not fit is an error, never another number."""
    with pytest.raises(duckdb.OutOfRangeException):
        connection.execute("SELECT billing.share(?::HUGEINT, 100000, 3)", [2**127 - 1])
