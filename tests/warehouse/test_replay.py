"""Law one: what was landed is rebuilt from the stored bytes, offline and to the byte."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from acme import DAY, FIELDS, answers, page, pages, parse, readings, rejected, stream

from connectors.errors import TemporaryFailure
from connectors.stream import Field, Role
from warehouse.landing import Landing, Pull, RawDamaged

UNTYPED = {"accountId": "account-9", "usedBytes": "a lot"}


@pytest.fixture
def pull(landing: Landing) -> Pull:
    """A pull with everything in it: attempts, a control answer, a repeated row, a row in quarantine."""
    grown = [{**row, "region": "eu"} for row in readings(2)]
    return landing.land(
        stream(),
        "default",
        DAY,
        answers(
            page([], 4, Role.CONTROL),
            page(grown, 4, rejected=(rejected(),)),
            page([grown[1], *readings(1, 2), UNTYPED], 4),
            page(grown, 4, Role.SECOND_LOOK),
        ),
    )


def rewrite(path: Path, column: str, change) -> None:
    """Change the first value of a column, as a damaged disk would not: well-formed."""
    table = pq.read_table(path)
    values = table[column].to_pylist()
    number = table.schema.get_field_index(column)
    pq.write_table(
        table.set_column(
            number,
            table.schema.field(column),
            pa.array([change(values[0]), *values[1:]], table.schema.field(column).type),
        ),
        path,
    )


@pytest.mark.parametrize("kind", ["rows", "quarantine"])
def test_a_lost_file_is_rebuilt_to_the_byte(landing: Landing, pull: Pull, kind: str) -> None:
    """Rows and quarantine come back from the responses exactly as they were."""
    path = landing.home / getattr(pull, f"{kind}_path")
    before = path.read_bytes()
    path.unlink()
    assert landing.replay(stream(), pull) == pull
    assert path.read_bytes() == before


def test_replaying_a_whole_pull_changes_nothing(landing: Landing, pull: Pull) -> None:
    """An intact pull passes, and no file is touched or left behind."""
    before = {path: path.stat().st_mtime_ns for path in landing.root.rglob("*.*")}
    assert landing.replay(stream(), pull) == pull
    assert {path: path.stat().st_mtime_ns for path in landing.root.rglob("*.*")} == before


def test_a_changed_answer_is_found(landing: Landing, pull: Pull) -> None:
    """One byte of a stored answer turned: the sentence names file and answer."""
    path = landing.home / pull.responses_path
    rewrite(path, "body", lambda body: body.replace(b"4", b"5"))
    with pytest.raises(RawDamaged, match=rf"{path.name}: response 0 is not the one received"):
        landing.replay(stream(), pull)


def test_a_changed_question_is_found(landing: Landing, pull: Pull) -> None:
    """The facts of the requests belong to the content: another company is another pull."""
    path = landing.home / pull.responses_path
    rewrite(path, "context", lambda context: '{"company": "another"}')
    with pytest.raises(RawDamaged, match=f"{path.name} does not hold the answers"):
        landing.replay(stream(), pull)


@pytest.mark.parametrize("damage", [lambda body: body[:-9], lambda body: body[:40] + b"\0" * 60 + body[100:]])
def test_a_responses_file_that_cannot_be_read_is_named(landing: Landing, pull: Pull, damage) -> None:
    """A file cut short or scribbled over stops with its name."""
    path = landing.home / pull.responses_path
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(RawDamaged, match=path.name):
        landing.replay(stream(), pull)


def test_a_missing_responses_file_is_named(landing: Landing, pull: Pull) -> None:
    """Without the answers nothing can be rebuilt."""
    (landing.home / pull.responses_path).unlink()
    with pytest.raises(RawDamaged, match=r"responses\.parquet is missing"):
        landing.replay(stream(), pull)


def test_a_changed_rows_file_is_found_and_left_as_it_is(landing: Landing, pull: Pull) -> None:
    """A figure changed by hand in the landed rows is found; replay does not paper over it."""
    path = landing.home / pull.rows_path
    rewrite(path, "used_bytes", lambda used: used + 1)
    changed = path.read_bytes()
    with pytest.raises(RawDamaged, match=f"{path.name} is not what the stored answers"):
        landing.replay(stream(), pull)
    assert path.read_bytes() == changed


def test_another_declaration_of_the_columns_is_told(landing: Landing, pull: Pull) -> None:
    """A stream that has grown a column cannot give the old file, and says why."""
    grown = stream(fields=(*FIELDS, Field("region", "region", pa.string())))
    with pytest.raises(RawDamaged, match="declared other columns"):
        landing.replay(grown, pull)


def test_another_parser_is_told(landing: Landing, pull: Pull) -> None:
    """Equal columns with other values are found by their bytes."""

    def doubling(exchange):
        found = parse(exchange)
        return found.__class__(found.rows.slice(0, 1))

    with pytest.raises(RawDamaged, match="or the parser of acme/readings was"):
        landing.replay(stream(parse=doubling), pull)


def test_a_failed_pull_has_nothing_to_rebuild(landing: Landing) -> None:
    """Replay is for what was landed."""
    with pytest.raises(TemporaryFailure) as raised:
        landing.land(stream(), "default", DAY, answers(pages(1, 1)[0], TemporaryFailure("no answer")))
    with pytest.raises(ValueError, match="is failed: it has no rows"):
        landing.replay(stream(), raised.value.pull)


def test_new_columns_land_the_same_answers_again(landing: Landing, pull: Pull) -> None:
    """Equal answers under a new declaration of the columns are a new version, the old one stays."""
    answer = page(readings(2), 2)
    first = landing.land(stream(), "other", DAY, answers(answer))

    def wider(exchange):
        found = parse(exchange)
        columns = [*found.rows.columns[:2], found.rows.column(0), found.rows.column(2)]
        return found.__class__(pa.RecordBatch.from_arrays(columns, schema=grown.schema), vendor_total=2)

    grown = stream(fields=(*FIELDS, Field("alias", "alias", pa.string())), parse=wider)
    second = landing.land(grown, "other", DAY, answers(answer))
    assert (second.version, second.sha256) == (first.version + 1, first.sha256)
    assert (landing.home / first.rows_path).exists()
