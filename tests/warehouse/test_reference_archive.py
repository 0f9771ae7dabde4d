"""What was known when: every set of reference tables that was in use can be had again, to the byte."""

from __future__ import annotations

import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from reference_set import write, write_database
from sqlalchemy import URL

from connectors.clock import VARIABLE
from warehouse.reference import archive
from warehouse.reference.archive import ArchiveUnusable, known_rows, load_archived, versions
from warehouse.reference.install import install
from warehouse.reference.loader import load_reference
from warehouse.reference.source import Database, Source

MONDAY = datetime(2026, 10, 5, 2, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "reference"
    folder.mkdir()
    return write(folder)


@pytest.fixture
def warehouse() -> duckdb.DuckDBPyConnection:
    return empty()


def empty() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("CREATE SCHEMA reference")
    return connection


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch):
    """Sets the clock."""
    return lambda instant: monkeypatch.setenv(VARIABLE, instant.isoformat())


def known(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, datetime]]:
    return connection.execute(
        "SELECT sha256, known_from FROM reference.version ORDER BY known_from"
    ).fetchall()


def seat_price(rows) -> Decimal:
    return next(row["unit_price"] for row in rows["rate"] if row["sku"] == "seat")


def installed(connection: duckdb.DuckDBPyConnection, source: Source | None, home: Path) -> tuple[bool, str]:
    changed = install(connection, source, home)
    return changed, known(connection)[-1][0]


def test_each_version_stays_known_and_the_newest_is_current(warehouse, files, home, at) -> None:
    """Prices change on Tuesday and are taken back on Wednesday: three instants, two sets."""
    at(MONDAY)
    first = archive.sha256(load_reference(files))
    assert installed(warehouse, files, home) == (True, first)
    assert installed(warehouse, files, home) == (False, first)
    at(MONDAY + DAY)
    write(files, rate_2={"unit_price": "3"})
    second = archive.sha256(load_reference(files))
    assert installed(warehouse, files, home) == (True, second)
    at(MONDAY + 2 * DAY)
    write(files)
    assert installed(warehouse, files, home) == (True, first)
    history = [(first, MONDAY), (second, MONDAY + DAY), (first, MONDAY + 2 * DAY)]
    assert known(warehouse) == history
    assert [(version.sha256, version.known_from) for version in versions(home)] == history
    assert [
        seat_price(known_rows(home, MONDAY + after))
        for after in (timedelta(0), DAY - timedelta(seconds=1), DAY, 5 * DAY)
    ] == [2, 2, 3, 2]


def test_before_the_first_nothing_was_known(warehouse, files, home, at) -> None:
    """And that is said, rather than an empty reference made of it."""
    at(MONDAY)
    install(warehouse, files, home)
    with pytest.raises(ArchiveUnusable, match="no reference tables were known at 2026-10-04T02:00:00"):
        known_rows(home, MONDAY - DAY)


def test_a_new_warehouse_knows_what_the_old_one_knew(warehouse, files, home, at) -> None:
    """The warehouse can be deleted: the versions are read back from the archive."""
    at(MONDAY)
    install(warehouse, files, home)
    at(MONDAY + DAY)
    write(files, rate_2={"unit_price": "3"})
    install(warehouse, files, home)
    at(MONDAY + 2 * DAY)
    again = empty()
    assert install(again, files, home)
    assert known(again) == known(warehouse)


def test_the_same_rows_are_no_change(warehouse, files, home, tmp_path, at) -> None:
    """Sorted otherwise, with a column more, or in a database: it is the same set, known since Monday."""
    at(MONDAY)
    install(warehouse, files, home)
    at(MONDAY + DAY)
    header, *lines = (files / "rate.csv").read_text().splitlines()
    (files / "rate.csv").write_text("\n".join([header, *reversed(lines), ""]))
    (files / "rate_card.csv").write_text("rate_card,side,name,currency\ncost,cost,Cost,USD\ncard,,Card,EUR\n")
    assert not install(warehouse, files, home)
    stored = Database(URL.create("sqlite", database=str(write_database(tmp_path / "reference.sqlite"))))
    assert not install(warehouse, stored, home)
    assert [instant for _, instant in known(warehouse)] == [MONDAY]


def test_no_reference_is_a_version_too(warehouse, files, home, at) -> None:
    """What was billed with nothing in it was billed with that."""
    at(MONDAY)
    assert install(warehouse, None, home)
    assert not install(warehouse, None, home)
    assert not any(known_rows(home, MONDAY).values())
    assert install(warehouse, files, home)
    assert len(known(warehouse)) == 2


def test_a_clock_that_goes_back_does_not_turn_the_order(warehouse, files, home, at) -> None:
    """The newest is current, also when nights are replayed."""
    at(MONDAY)
    install(warehouse, files, home)
    at(MONDAY - 7 * DAY)
    write(files, rate_2={"unit_price": "3"})
    _, current = installed(warehouse, files, home)
    assert versions(home)[-1] == archive.Version(MONDAY + timedelta(microseconds=1), current)


def test_archived_rows_are_those_that_were_read(warehouse, files, home) -> None:
    """Cell by cell, whatever stands in them."""
    write(files, customer_1={"name": 'A "quoted", comma & Söhne'}, rate_2={"unit_price": "0.000000001"})
    _, name = installed(warehouse, files, home)
    rows, again = load_reference(files), load_archived(home, name)
    for table, found in rows.items():
        cells = [row.cells for row in found]
        assert sorted(map(str, cells)) == sorted(str(row.cells) for row in again[table])
    assert archive.sha256(again) == name


@pytest.mark.parametrize("file", ["rate.csv", "SHA256SUMS", "sku.csv"])
def test_a_changed_byte_is_named(warehouse, files, home, file: str) -> None:
    """A price that was edited in the archive is not the price that was known."""
    _, name = installed(warehouse, files, home)
    path = home / "register" / "reference" / name / file
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(ArchiveUnusable, match=f"{file} was changed after it was archived"):
        load_archived(home, name)


@pytest.mark.parametrize("change", ["removed", "added"])
def test_a_table_that_is_gone_or_came_later_is_named(warehouse, files, home, change: str) -> None:
    """The sums name every file, and no other."""
    _, name = installed(warehouse, files, home)
    folder = home / "register" / "reference" / name
    if change == "removed":
        (folder / "discount.csv").unlink()
    else:
        (folder / "price.csv").write_text("a\n")
    with pytest.raises(ArchiveUnusable, match=r"(discount|price)\.csv was changed after it was archived"):
        load_archived(home, name)
    with pytest.raises(ArchiveUnusable, match="the reference tables abc are not in"):
        load_archived(home, "abc")


def test_anybody_can_check_a_set(warehouse, files, home) -> None:
    """With sha256sum, and without us."""
    _, name = installed(warehouse, files, home)
    folder = home / "register" / "reference" / name
    checked = subprocess.run(
        ["sha256sum", "--check", "SHA256SUMS"], cwd=folder, capture_output=True, text=True, check=True
    )
    assert checked.stdout.count(": OK\n") == len(list(folder.glob("*.csv")))


def test_a_build_that_was_killed_while_archiving_leaves_nothing_half(warehouse, files, home) -> None:
    """What it had begun is no version, and the next build begins it anew."""
    name = archive.sha256(load_reference(files))
    draft = home / "register" / "reference" / f"{name}.draft"
    draft.mkdir(parents=True)
    (draft / "rate.csv").write_text("half")
    (draft / "known_from.txt").write_text("2026-01-01T00:00:00+00:00\n")
    assert versions(home) == []
    install(warehouse, files, home)
    assert not draft.exists()
    assert load_archived(home, name)["rate"]


def test_an_archive_that_is_gone_is_written_again(warehouse, files, home) -> None:
    """Even when the files did not change since."""
    _, name = installed(warehouse, files, home)
    shutil.rmtree(home)
    assert not install(warehouse, files, home)
    assert load_archived(home, name)["rate"]
