"""Metered usage at other prices: as if they had been in force."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from audited import OCTOBER, SEPTEMBER

from warehouse.build import rebuild
from warehouse.query import QueryRefused, query
from warehouse.reference.rows import ReferenceMistakes
from warehouse.what_if import candidate, last_metered, months_before, what_if

MONTHS = [SEPTEMBER, OCTOBER]


@pytest.fixture
def reference(issued_home: Path) -> Path:
    return issued_home / "reference"


def prices_with(reference: Path, old: str, new: str) -> Path:
    """The reference's own prices with one cell changed, as a file to try."""
    text = (reference / "rate.csv").read_text()
    assert old in text
    file = reference.parent / "candidate.csv"
    file.write_text(text.replace(old, new))
    return file


def test_the_prices_in_force_change_nothing(issued_home: Path, reference: Path) -> None:
    """Rated again at its own prices, everybody pays the same."""
    answer = what_if(issued_home / "warehouse.duckdb", candidate(reference, reference / "rate.csv"), MONTHS)
    assert answer.rows
    assert {row[-1] for row in answer.rows} == {"same"}


def test_a_term_that_began_before_counts_its_earlier_months(issued_home: Path, reference: Path) -> None:
    """The commitment of September and October is not missed the more for looking at October alone."""
    again = candidate(reference, reference / "rate.csv")
    answer = what_if(issued_home / "warehouse.duckdb", again, [OCTOBER])
    assert {row[-1] for row in answer.rows} == {"same"}


def test_it_says_what_a_rebuild_at_those_prices_would_bill(issued_home: Path, reference: Path) -> None:
    """The figures are those of the engine itself, for every customer."""
    file = prices_with(reference, "card,,peak,,per_unit,,,0.013", "card,,peak,,per_unit,,,0.026")
    answer = what_if(issued_home / "warehouse.duckdb", candidate(reference, file), MONTHS)
    foreseen = {row[0]: row[3] for row in answer.rows}
    (reference / "rate.csv").write_bytes(file.read_bytes())
    rebuild(issued_home, reference)
    billed = query(
        issued_home / "warehouse.duckdb",
        "SELECT billed_customer_id, CAST(sum(exact_amount) AS DECIMAL(18,2)) FROM billing.charge "
        "GROUP BY billed_customer_id",
    ).rows
    assert foreseen == dict(billed)
    assert all(row[-1] == "pays more" and row[4] > Decimal(0) for row in answer.rows)


def test_a_file_that_does_not_fit_is_refused_with_its_lines(issued_home: Path, reference: Path) -> None:
    """The file's own mistakes are named by file, line and column."""
    file = prices_with(reference, "card,,peak,,per_unit", "card,,nothing,,per_unit")
    with pytest.raises(ReferenceMistakes, match=r"candidate.csv line \d+, sku: 'nothing'"):
        candidate(reference, file)
    with pytest.raises(FileNotFoundError, match="there is no file"):
        candidate(reference, reference / "nowhere.csv")
    with pytest.raises(QueryRefused, match="there is no warehouse"):
        what_if(reference / "none.duckdb", candidate(reference, reference / "rate.csv"), MONTHS)


def test_the_last_metered_month_is_known(issued_home: Path) -> None:
    """The months of a what-if end with it."""
    assert last_metered(issued_home / "warehouse.duckdb") == OCTOBER


def test_months_count_back_over_the_new_year() -> None:
    """24 months end with the one that the last day is in."""
    months = months_before(OCTOBER.replace(month=2), 3)
    assert [f"{month:%Y-%m}" for month in months] == ["2025-12", "2026-01", "2026-02"]
