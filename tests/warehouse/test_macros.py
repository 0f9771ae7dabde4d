"""The integer arithmetic that the billing SQL shares, against fractions."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Context, Decimal
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
WIDE = Context(prec=60)


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


@settings(deadline=None)
@given(n=st.integers(-(10**34), 10**34), part=st.integers(-(10**25), 10**25), more=st.integers(0, 10**25))
def test_a_part_of_something_huge_is_exact(
    connection: duckdb.DuckDBPyConnection, n: int, part: int, more: int
) -> None:
    """A share of a large amount by large quantities does not overflow on the way."""
    whole = abs(part) + more + 1
    found = connection.execute(
        "SELECT billing.share(n, part, whole), billing.cut(n, part, whole) "
        "FROM (SELECT ?::HUGEINT AS n, ?::HUGEINT AS part, ?::HUGEINT AS whole)",
        [n, part, whole],
    ).fetchone()
    exact = Fraction(n * part, whole)
    assert found == (rounded(exact), floor(exact) if exact >= 0 else -floor(-exact))


@settings(deadline=None)
@given(
    n=st.one_of(
        st.integers(-(10**37) + 1, 10**37 - 1), st.integers(-(10**23), 10**23), st.integers(-100, 100)
    )
)
def test_decimals_become_whole_numbers_and_back(connection: duckdb.DuckDBPyConnection, n: int) -> None:
    """An amount is its number of 10^-15, a quantity its number of millionths, however large."""
    amount, quantity = Decimal(n).scaleb(-15, WIDE), Decimal(n % 10**20).scaleb(-6, WIDE)
    found = connection.execute(
        "SELECT billing.fine(amount), billing.exact(n), billing.millionths(q), -billing.millionths(-q) "
        "FROM (SELECT ?::VARCHAR::DECIMAL(37,15) AS amount, ?::HUGEINT AS n, ?::VARCHAR::DECIMAL(20,6) AS q)",
        [f"{amount:f}", n, f"{quantity:f}"],
    ).fetchone()
    assert found == (n, amount, n % 10**20, n % 10**20)


def test_a_figure_beyond_all_bounds_raises(connection: duckdb.DuckDBPyConnection) -> None:
    """What does not fit is an error, never another number."""
    with pytest.raises(duckdb.OutOfRangeException):
        connection.execute("SELECT billing.share(?::HUGEINT, 100000, 3)", [2**127 - 1])
