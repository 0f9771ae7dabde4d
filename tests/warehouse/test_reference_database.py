"""The same tables in an SQL database: the same rows, the same checks, the same version."""

from __future__ import annotations

import sqlite3
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from reference_set import mistakes, write, write_database
from sqlalchemy import URL
from sqlalchemy.exc import OperationalError

from warehouse.reference import archive
from warehouse.reference.database import said, sheets
from warehouse.reference.loader import load_reference
from warehouse.reference.source import Database

SAMPLE = Path(__file__).parents[2] / "warehouse" / "reference" / "sample"
ALL_TYPES = """
    CREATE TABLE sku (sku TEXT, name TEXT, service TEXT, unit TEXT);
    CREATE TABLE billing_entity (billing_entity_id TEXT, name TEXT, country TEXT, currency TEXT,
        time_zone TEXT, invoice_prefix TEXT, payment_days INTEGER);
    INSERT INTO billing_entity VALUES ('us', 'Us', 'NL', 'EUR', 'UTC', 'US', 14)
"""


def database(path: Path) -> Database:
    return Database(URL.create("sqlite", database=str(path)))


def test_a_database_with_the_same_rows_is_the_same_reference(tmp_path: Path) -> None:
    """Whatever the order of rows and columns, and however a number is written: one version."""
    files = load_reference(write(tmp_path, rate_0={"unit_price": "0.0500"}))
    stored = load_reference(database(write_database(tmp_path / "reference.sqlite")))
    assert archive.sha256(stored) == archive.sha256(files)
    assert stored["rate"][0]["unit_price"] == Decimal("0.05")
    assert stored["customer"][0]["valid_from"] == date(2020, 1, 1)
    other = load_reference(
        database(write_database(tmp_path / "other.sqlite", rate_0={"unit_price": "0.051"}))
    )
    assert archive.sha256(other) != archive.sha256(files)


def test_a_mistake_is_named_with_table_row_and_column(tmp_path: Path) -> None:
    """Rows are counted in the order of the key, for a database has no lines."""
    path = write_database(
        tmp_path / "reference.sqlite",
        customer_0={"kind": "friend"},  # top, which comes after sub
        rate_2={"minimum": "2", "maximum": "1"},
        discount_0={"sku": "tb"},
    )
    kinds = "one of `distributor`, `reseller`, `end_customer`"
    assert mistakes(database(path)) == [
        f"table customer row 2, kind: 'friend' is not {kinds}. Its place in the chain.",
        "table discount row 1, sku: 'tb' is not in sku. Name the SKU, or * for all.",
        "table rate row 3, minimum: 2 is more than maximum 1. Lower it, or leave one of them empty.",
    ]


def test_the_databases_own_types_are_read(tmp_path: Path) -> None:
    """A whole number is one; a table that is not there has no rows; others are not ours."""
    path = tmp_path / "reference.sqlite"
    with sqlite3.connect(path) as connection:
        connection.executescript(f"{ALL_TYPES}; CREATE TABLE something_else (a)")
    rows = load_reference(database(path))
    assert rows["billing_entity"][0]["payment_days"] == 14
    assert rows["sku"] == rows["rate"] == []


def test_a_floating_point_number_is_refused(tmp_path: Path) -> None:
    """0.1 in binary is not 0.1: a price that went through it is not the one that was agreed."""
    path = tmp_path / "reference.sqlite"
    with sqlite3.connect(path) as connection:
        connection.executescript(ALL_TYPES + "; ALTER TABLE sku ADD COLUMN quantity_step DECIMAL(20,6);"
                                 "INSERT INTO sku VALUES ('gb', 'GB', 'Backup', 'GB', '0.001')")  # fmt: skip
    (found,) = mistakes(database(path))
    assert found == (
        "table sku row 1, quantity_step: 0.001 is a float, which is not exact. "
        "Make the column DECIMAL, or TEXT in SQLite."
    )


def test_a_wrong_column_is_told_like_a_wrong_header(tmp_path: Path) -> None:
    """The table is named, and what it should have."""
    path = tmp_path / "reference.sqlite"
    with sqlite3.connect(path) as connection:
        connection.executescript("CREATE TABLE rate_card (rate_card TEXT, title TEXT, currency TEXT)")
    (found,) = mistakes(database(path))
    assert found.startswith(
        "table rate_card: the header lacks name; has the unknown title. Make it: rate_card,"
    )


def test_the_tables_are_read_as_of_one_instant(tmp_path: Path) -> None:
    """A change that is committed while they are read is in all of them or in none."""
    path = write_database(tmp_path / "reference.sqlite")
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
    read = {}
    for sheet in sheets(database(path)):
        if sheet.table.name == "rate":
            with sqlite3.connect(path) as writer:
                writer.execute("UPDATE rate SET unit_price = '7'")
        read[sheet.table.name] = [cells for _, cells in sheet.lines]
    assert not any("7" in cells for cells in read["rate"])
    assert {row["unit_price"] for row in load_reference(database(path))["rate"]} == {Decimal(7)}


WRONG = {
    "no such file": ("sqlite:///{home}/nowhere.sqlite", "there is no such file"),
    "not a database": ("sqlite:///{home}/text.sqlite", "cannot be read: file is not a database"),
    "another database": ("sqlite:///{home}/other.sqlite", "has none of the reference tables"),
    "no driver": (
        "postgresql+pg8000://me:hunter22@db.example/billing",
        "needs a driver: No module named 'pg8000'",
    ),
    "no dialect": ("nosuch://me:hunter22@db.example/billing", "cannot be read: Can't load plugin"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_database_that_cannot_be_read_is_one_sentence_without_the_password(
    tmp_path: Path, case: str
) -> None:
    """It names where the database is, and what went wrong there. Nothing is made at a wrong path."""
    (tmp_path / "text.sqlite").write_text("This is a text, and it is long enough for the header." * 20)
    with sqlite3.connect(tmp_path / "other.sqlite") as connection:
        connection.execute("CREATE TABLE film (title TEXT)")
    url, expected = WRONG[case]
    source = Database.at(url.format(home=tmp_path), tmp_path)
    (line,) = mistakes(source)
    assert line.startswith(f"{source}: {expected}")
    assert "hunter22" not in line
    assert not (tmp_path / "nowhere.sqlite").exists()


URLS = {
    "postgresql+psycopg2://me:sw0rd%2Ff%3Ash@db.example:5433/billing":
        "postgresql+psycopg2://db.example:5433/billing",
    "mssql+pyodbc:///?odbc_connect=SERVER%3Ddb%3BPWD%3Dsw0rd%2Ff%3Ash": "mssql+pyodbc:///",
}  # fmt: skip


@pytest.mark.parametrize("url", URLS)
def test_a_database_never_shows_its_password(tmp_path: Path, url: str) -> None:
    """Not in a setting that is printed, and not in an error of the driver that repeats it."""
    source = Database.at(url, tmp_path)
    assert str(source) == repr(source) == URLS[url]
    told = OperationalError("SELECT 1", {}, Exception("login with 'sw0rd/f:sh' failed\nDETAIL: sw0rd/f:sh"))
    assert said(source.url, told) == "login with '***' failed"


def test_an_url_that_is_none_is_not_repeated(tmp_path: Path) -> None:
    """It may hold a password all the same."""
    with pytest.raises(ValueError, match="is no SQLAlchemy URL, as postgresql") as caught:
        Database.at("postgresql://me:hunter22@db:port/billing", tmp_path)
    assert "hunter22" not in str(caught.value)


def test_a_relative_file_lies_in_the_project(tmp_path: Path) -> None:
    """Wherever a command is started."""
    assert Database.at("sqlite:///reference.sqlite", tmp_path).file == tmp_path / "reference.sqlite"
    assert Database.at("sqlite:////srv/reference.sqlite", tmp_path).file == Path("/srv/reference.sqlite")
