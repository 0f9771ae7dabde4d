"""Rows that share a key: the same row twice is one, two different ones are no complete pull."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from acme import DAY, answers, page, readings, stream

from connectors.completeness import total_or_second_look, unique_keys
from connectors.errors import IncompletePull
from connectors.stream import Evidence, Role, Stream
from warehouse.landing import Landing
from warehouse.landing.keys import Keys, find_repeats
from warehouse.landing.rows import RowsFile

ROW_GROUPS = pa.schema([pa.field("id", pa.string()), pa.field("n", pa.int64())])


def evidence_of(landing: Landing, declared: Stream, *exchanges) -> Evidence:
    """What the pull's proof is shown."""
    shown: list[Evidence] = []
    landing.land(replace(declared, prove=shown.append), "default", DAY, answers(*exchanges))
    return shown[0]


def test_a_row_sent_twice_to_the_letter_is_landed_once(landing: Landing) -> None:
    """A page shown twice adds nothing; the count says so, and the rows stay numbered through."""
    pull = landing.land(stream(), "default", DAY, answers(page(readings(3), 4), page(readings(2, 2), 4)))
    landed = pq.read_table(landing.home / pull.rows_path).to_pylist()
    assert [(row["row_no"], row["response_no"], row["account_id"]) for row in landed] == [
        (0, 0, "account-0"), (1, 0, "account-1"), (2, 0, "account-2"), (3, 1, "account-3"),
    ]  # fmt: skip
    assert (pull.rows, pull.repeated) == (4, 1)


def test_a_key_with_two_contents_is_not_complete(landing: Landing) -> None:
    """An account with two figures means that pages shifted: nothing is landed."""
    other = [{"accountId": "account-1", "usedBytes": 7}]
    with pytest.raises(IncompletePull, match="1 rows share a key"):
        landing.land(stream(), "default", DAY, answers(page(readings(2), 3), page(other, 3)))


def test_repeats_and_conflicts_are_told_apart(landing: Landing) -> None:
    """Of three rows of one key, the one equal to the first is repeated and the other conflicting."""
    again = [*readings(1), {"accountId": "account-0", "usedBytes": 7}]
    evidence = evidence_of(landing, stream(), page(readings(2)), page(again))
    assert (evidence.rows, evidence.repeated, evidence.conflicting) == (3, 1, 1)


def test_a_missing_key_equals_a_missing_key(landing: Landing) -> None:
    """Two rows without the key's value are rows of one key."""
    rows = [{"accountId": None, "usedBytes": 1}, {"accountId": None, "usedBytes": 2}]
    assert evidence_of(landing, stream(), page(rows)).conflicting == 1


def test_a_difference_beside_the_figures_is_a_difference(landing: Landing) -> None:
    """Unknown fields are content too."""
    rows = [*readings(1), {**readings(1)[0], "region": "eu"}]
    evidence = evidence_of(landing, stream(), page(rows))
    assert (evidence.repeated, evidence.conflicting) == (0, 1)


def test_rows_without_a_key_may_repeat(landing: Landing) -> None:
    """Where the vendor gives events no id, two equal ones are two."""
    evidence = evidence_of(landing, stream(key=()), page(readings(1) + readings(1)))
    assert (evidence.rows, evidence.repeated) == (2, 0)


def test_equal_hashes_of_different_keys_are_no_repeat(tmp_path) -> None:
    """A hash only makes a row suspect: what decides is the key itself."""
    rows = RowsFile(tmp_path / "rows.parquet", ROW_GROUPS)
    rows.add(0, pa.RecordBatch.from_pydict({"id": ["a", "b", "a"], "n": [1, 1, 1]}, ROW_GROUPS))
    rows.close()
    keys = Keys(["id"])
    keys.add(pa.RecordBatch.from_pydict({"id": ["a", "b"]}))
    repeats = find_repeats(tmp_path / "rows.parquet", ["id"], keys.sorted())
    assert (repeats.identical, repeats.conflicting) == ({2}, set())


def test_repeats_are_found_across_row_groups(tmp_path) -> None:
    """A row of the first row group that comes again in the third is found there."""
    rows, keys = RowsFile(tmp_path / "rows.parquet", ROW_GROUPS), Keys(["id"])
    for start in (0, 125_000, 250_000):
        batch = pa.RecordBatch.from_arrays(
            [pa.arange(start, start + 125_000).cast(pa.string()), pa.repeat(1, 125_000)], schema=ROW_GROUPS
        )
        rows.add(0, batch)
        keys.add(batch)
    last = pa.RecordBatch.from_pydict({"id": ["17", "124999"], "n": [1, 2]}, ROW_GROUPS)
    rows.add(1, last)
    keys.add(last)
    rows.close()
    repeats = find_repeats(tmp_path / "rows.parquet", ["id"], keys.repeated())
    assert (repeats.identical, repeats.conflicting) == ({375_000}, {375_001})


def test_hashes_are_eight_bytes_a_row() -> None:
    """Millions of keys fit in memory."""
    keys = Keys(["id", "n"])
    keys.add(pa.RecordBatch.from_pydict({"id": ["a", None], "n": [1, None]}, ROW_GROUPS))
    assert keys.sorted().dtype == np.int64
    assert len(keys.sorted()) == 2


@pytest.mark.parametrize(
    ("second", "same"),
    [
        ([*readings(2, 1), *readings(1)], True),
        ([{"accountId": f"account-{n}", "usedBytes": 5} for n in range(3)], True),
        (readings(2), False),
        (readings(4), False),
        ([*readings(2), *readings(1)], False),
    ],
    ids=["another order", "other figures", "a row fewer", "a row more", "a row twice"],
)
def test_two_walks_are_compared_by_key(landing: Landing, second: list, same: bool) -> None:
    """The second look must show the same keys, as often; it lands no rows."""
    evidence = evidence_of(landing, stream(), page(readings(3)), page(second, role=Role.SECOND_LOOK))
    assert (evidence.second_look, evidence.rows, evidence.pages) == (same, 3, 1)


def test_two_walks_without_a_key_are_compared_by_content(landing: Landing) -> None:
    """Without a key, a figure that moved between the walks is a difference."""
    declared = stream(key=(), prove=total_or_second_look)
    moved = [{"accountId": "account-0", "usedBytes": 1}]
    with pytest.raises(IncompletePull, match="two walks"):
        landing.land(declared, "default", DAY, answers(page(readings(1)), page(moved, role=Role.SECOND_LOOK)))


def test_a_pull_read_once_has_no_second_look(landing: Landing) -> None:
    """No second walk is not the same as two that agree."""
    assert evidence_of(landing, stream(prove=unique_keys), page(readings(1))).second_look is None
