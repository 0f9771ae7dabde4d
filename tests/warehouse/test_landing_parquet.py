"""The files themselves: row groups that keep memory flat, and encodings that pay."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from acme import page, readings

from warehouse.landing.records import GROUP_BYTES
from warehouse.landing.responses import ResponsesFile
from warehouse.landing.rows import GROUP_ROWS, LOOSE_BATCHES, RowsFile

SCHEMA = pa.schema([pa.field("company", pa.string()), pa.field("event", pa.string())])


def batch(start: int, rows: int = 1000) -> pa.RecordBatch:
    events = pa.arange(start, start + rows).cast(pa.string())
    companies = pa.repeat(f"company-{start // 50_000}", rows)
    return pa.RecordBatch.from_arrays([companies, events], schema=SCHEMA)


def written(tmp_path: Path, pages: int) -> pq.FileMetaData:
    file = RowsFile(tmp_path / "rows.parquet", SCHEMA)
    for number in range(pages):
        file.add(number, batch(number * 1000))
    file.close()
    return pq.read_metadata(tmp_path / "rows.parquet")


def test_pages_are_gathered_to_row_groups(tmp_path: Path) -> None:
    """Pages of 1000 rows become row groups a reader can use."""
    metadata = written(tmp_path, 150)
    sizes = [metadata.row_group(n).num_rows for n in range(metadata.num_row_groups)]
    assert sizes == [123_000, 27_000]
    assert sizes[0] >= GROUP_ROWS


def test_row_numbers_run_over_row_groups(tmp_path: Path) -> None:
    """`row_no` counts through the file, `response_no` tells the page."""
    written(tmp_path, 150)
    table = pq.read_table(tmp_path / "rows.parquet")
    assert table["row_no"].to_pylist() == list(range(150_000))
    assert table["response_no"].to_pylist() == [number // 1000 for number in range(150_000)]


def test_rows_of_small_answers_are_the_same_file_as_rows_of_a_large_one(tmp_path: Path) -> None:
    """How many answers the rows came in shows in `response_no` alone, not in the bytes around it."""
    rows = 3 * (LOOSE_BATCHES + 10)
    one_by_one = RowsFile(tmp_path / "small.parquet", SCHEMA)
    for start in range(0, rows, 3):
        one_by_one.add(7, batch(start, 3))
    one_by_one.close()
    together = RowsFile(tmp_path / "large.parquet", SCHEMA)
    together.add(7, batch(0, rows))
    together.close()
    assert one_by_one.count == rows
    assert one_by_one.path.read_bytes() == together.path.read_bytes()


def test_answers_may_promise_more_than_the_stream(tmp_path: Path) -> None:
    """A column without nulls in one answer and with them in the next is one column."""
    strict = pa.schema([field.with_nullable(False) for field in SCHEMA])
    file = RowsFile(tmp_path / "rows.parquet", SCHEMA)
    file.add(0, pa.RecordBatch.from_arrays([["a"], ["1"]], schema=strict))
    file.add(1, pa.RecordBatch.from_arrays([["a"], [None]], schema=SCHEMA))
    file.close()
    assert pq.read_table(file.path)["event"].to_pylist() == ["1", None]


def test_a_dictionary_is_kept_where_values_repeat(tmp_path: Path) -> None:
    """Company ids repeat and get a dictionary, event ids do not."""
    group = written(tmp_path, 2).row_group(0)
    encodings = {group.column(n).path_in_schema: group.column(n).encodings for n in range(group.num_columns)}
    assert "RLE_DICTIONARY" in encodings["company"]
    assert "RLE_DICTIONARY" in encodings["response_no"]
    assert "RLE_DICTIONARY" not in encodings["event"]


def test_large_answers_are_few_in_a_row_group(tmp_path: Path) -> None:
    """Answers of some MiB are written as soon as a row group is full, small ones wait for each other."""
    file = ResponsesFile(tmp_path / "responses.parquet")
    large = page(readings(40_000))
    for _ in range(9):
        file.keep(large)
    for _ in range(2000):
        file.keep(page(readings(1)))
    file.close()
    metadata = pq.read_metadata(tmp_path / "responses.parquet")
    sizes = [metadata.row_group(n).num_rows for n in range(metadata.num_row_groups)]
    per_group = -(-GROUP_BYTES // len(large.body))
    assert sizes[:-1] == [per_group] * (9 // per_group)
    assert sizes[-1] == 2000 + 9 % per_group
