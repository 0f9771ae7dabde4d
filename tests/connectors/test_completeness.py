"""The proofs of completeness: what holds, and what each of them refuses."""

import pytest

from connectors.completeness import all_pages, equals_total, total_or_second_look, unique_keys
from connectors.errors import IncompletePull
from connectors.stream import Evidence


@pytest.mark.parametrize(
    ("proof", "evidence"),
    [
        (unique_keys, Evidence(rows=3, repeated=2)),
        (equals_total, Evidence(rows=2, quarantined=1, totals=[3])),
        (equals_total, Evidence(rows=0, totals=[0])),
        (equals_total, Evidence(rows=3, repeated=1, totals=[3])),
        (all_pages, Evidence(pages=2, page_counts=[2])),
        (all_pages, Evidence(pages=1, page_counts=[0])),
        (total_or_second_look, Evidence(rows=3, totals=[3])),
        (total_or_second_look, Evidence(rows=3, second_look=True)),
    ],
)
def test_a_pull_that_adds_up_is_proven(proof, evidence):
    """Quarantined rows count as there; rows told twice count once."""
    proof(evidence)


@pytest.mark.parametrize(
    ("proof", "evidence", "sentence"),
    [
        (unique_keys, Evidence(conflicting=2), "2 rows share a key"),
        (equals_total, Evidence(rows=3), "no total"),
        (equals_total, Evidence(rows=3, totals=[3, 4]), r"changed during the pull: \[3, 4\]"),
        (equals_total, Evidence(rows=2, totals=[3]), "total is 3, 2 rows arrived"),
        (equals_total, Evidence(rows=4, totals=[3]), "total is 3, 4 rows arrived"),
        (equals_total, Evidence(rows=0, totals=[1200]), "total is 1200, 0 rows arrived"),
        (equals_total, Evidence(rows=3, conflicting=1, totals=[3]), "1 rows share a key"),
        (all_pages, Evidence(pages=1, page_counts=[2]), "1 of 2 pages"),
        (all_pages, Evidence(pages=1), "not one number"),
        (all_pages, Evidence(pages=2, page_counts=[2, 3]), "not one number"),
        (total_or_second_look, Evidence(rows=2, totals=[3], second_look=True), "total is 3"),
        (total_or_second_look, Evidence(rows=3), "read only once"),
        (total_or_second_look, Evidence(rows=3, second_look=False), "two walks"),
    ],
)
def test_a_pull_that_does_not_add_up_is_refused(proof, evidence, sentence):
    """The sentence says what does not add up."""
    with pytest.raises(IncompletePull, match=sentence):
        proof(evidence)
