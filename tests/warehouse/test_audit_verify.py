"""What is changed after the issue is found and named; what is sound passes."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import pytest
from audited import (
    OCTOBER,
    TABLES_OF_THE_HOUSE,
    build,
    issue_month,
    land,
    land_month,
    readings,
    set_now,
    write_tables,
)

from warehouse.audit.verify import Verified, verify
from warehouse.build import FILE
from warehouse.invoicing.credit import credit
from warehouse.invoicing.refusal import Refused
from warehouse.invoicing.void import void
from warehouse.invoicing.waive import waive
from warehouse.query import query

SOLO, TOP = "US-2026-000003", "US-2026-000004"
DAY = date(2026, 10, 20)
PLACES = (5, 200, -40, -6)


def wrong(home: Path, number: str | None = None) -> list[str]:
    return verify(home, home / "reference", number).wrong


def flip(path: Path, place: int = -40) -> Path:
    """Change one byte of a file."""
    content = bytearray(path.read_bytes())
    content[place] ^= 0x01
    path.chmod(0o600)
    path.write_bytes(content)
    return path


def landed(home: Path, kind: str, day: date = DAY) -> Path:
    """A file of the pull of a day."""
    return next((home / f"raw/files/usage/usage_date={day}").glob(f"*.{kind}"))


def edit_prices(home: Path, table: str, number: int, **cells: str) -> None:
    """Change cells of one row of the user's tables, the first being 0."""
    rows = [dict(row) for row in TABLES_OF_THE_HOUSE[table]]
    rows[number] |= cells
    write_tables(home / "reference", **{table: rows})


def test_what_is_sound_passes(issued_home: Path) -> None:
    """Two months with pools, terms, cost plus and a gap are rated again to the cent."""
    assert verify(issued_home, issued_home / "reference") == Verified(
        [], entries=8, references=1, pulls=60, documents=4, lines=41
    )
    assert wrong(issued_home, TOP) == []
    with pytest.raises(Refused, match="US-2026-000099 is no number of an issued document"):
        wrong(issued_home, "US-2026-000099")


def test_late_data_and_corrections_do_not_disturb(issued_home: Path) -> None:
    """What a vendor tells later is restated on the next invoice or waived, and verified like the rest."""
    set_now(date(2026, 11, 3))
    land(issued_home, DAY, [(*row[:2], row[2] * 2, 9) for row in readings(DAY)])
    build(issued_home, [DAY])
    assert wrong(issued_home) == []
    november = date(2026, 11, 1)
    build(issued_home, land_month(issued_home, november))
    sql = "SELECT restatement_id FROM billing.restatement WHERE customer_id = 'solo' AND sku = 'gb'"
    waive(issued_home, query(issued_home / FILE, sql).rows[0][0], "Ann", "Goodwill")
    build(issued_home, [OCTOBER])
    entries = issue_month(issued_home, november, date(2026, 12, 1), ["solo"])
    entries += issue_month(issued_home, november, date(2026, 12, 2), ["top"])
    assert all(any(line["kind"] == "correction" for line in entry.content["lines"]) for entry in entries)
    assert wrong(issued_home) == []


def test_credit_notes_and_voided_invoices_are_verified_too(issued_home: Path) -> None:
    """A note hangs on the bytes of its invoice."""
    set_now(date(2026, 11, 4))
    note = credit(issued_home, SOLO, "Ann", "Bob", "Goodwill")
    void(issued_home, TOP, "Cid", "Wrong address")
    build(issued_home, [OCTOBER])
    assert wrong(issued_home) == []
    assert verify(issued_home, None, note.subject).documents == 2


def test_a_changed_byte_of_a_document_is_named(issued_home: Path) -> None:
    """By its entry and number."""
    with closing(sqlite3.connect(issued_home / "register/register.sqlite")) as register:
        register.execute("DROP TRIGGER an_entry_is_not_changed")
        register.execute(
            "UPDATE entry SET body = CAST(replace(CAST(body AS TEXT), 'Storage', 'Ttorage') AS BLOB) "
            "WHERE subject = ?",
            [SOLO],
        )
        register.commit()
    (sentence,) = wrong(issued_home)
    assert f"(issue {SOLO}) is not what was written" in sentence


@pytest.mark.parametrize(
    ("kind", "places"),
    # A manifest that cannot be read ends the search: one at a time.
    [("rows.parquet", PLACES), ("responses.parquet", PLACES), *(("pull.json", (one,)) for one in PLACES)],
)
def test_a_changed_byte_of_the_raw_data_is_named(
    issued_home: Path, kind: str, places: tuple[int, ...]
) -> None:
    """Of rows, of the vendor's answers, and of the manifest, wherever it is: each day's file is named."""
    changed = [
        flip(landed(issued_home, kind, DAY + timedelta(days=n)), place) for n, place in enumerate(places)
    ]
    told = wrong(issued_home, TOP)
    assert [path for path in changed if not any(str(path) in sentence for sentence in told)] == [], told


def test_missing_raw_data_are_named(issued_home: Path) -> None:
    """A file by its name, a whole day by the invoices and the month that it is missing from."""
    gone = landed(issued_home, "rows.parquet")
    gone.unlink()
    assert f"{gone} is missing: restore it from a backup of the raw folder" in wrong(issued_home)
    shutil.rmtree(gone.parent)
    sentences = wrong(issued_home, SOLO)
    assert sentences[0].startswith(f"{SOLO}: the pulls of 2026-10 in {issued_home / 'raw'} are not those")
    assert any(sentence.startswith(f"{SOLO} line ") for sentence in sentences[1:])


def test_a_changed_byte_of_the_archived_reference_is_named(issued_home: Path) -> None:
    """By its file, which nothing can be rated by any more."""
    changed = flip(next((issued_home / "register/reference").glob("*/rate.csv")))
    assert wrong(issued_home) == [f"{changed} was changed after it was archived: restore it from a backup"]


def test_a_price_edited_in_place_is_named(issued_home: Path) -> None:
    """With file, line, column, what it was and what it is."""
    edit_prices(issued_home, "rate", 1, unit_price="0.05")
    (sentence,) = wrong(issued_home)
    assert sentence == (
        "rate.csv line 3, unit_price was 0.04 and is 0.05, but issued by what it was: US-2026-000001, "
        "US-2026-000002, US-2026-000003 and 1 more. Put it back, end it by valid_to, and add a row"
    )
    edit_prices(issued_home, "discount", 0, discount_id="e")
    (sentence,) = wrong(issued_home)
    assert sentence.startswith("discount.csv line 2, discount_id was d and is e, but issued by what it was: ")
    assert "US-2026-000002, US-2026-000004. " in sentence


def test_a_row_that_is_gone_is_named(issued_home: Path) -> None:
    """By its key."""
    write_tables(issued_home / "reference", discount=[])
    (sentence,) = wrong(issued_home)
    assert sentence.startswith(
        "discount.csv has no row of customer_id top, discount_id d, valid_from 2020-01-01 any more"
    )


def test_a_row_ended_after_the_issued_months_is_sound(issued_home: Path) -> None:
    """A change is a new row; one that ends earlier is an edit."""
    rate = TABLES_OF_THE_HOUSE["rate"]
    ended = [{**row, "valid_to": "2026-11-01"} for row in rate]
    begun = [{**row, "valid_from": "2026-11-01", "included": "2"} for row in rate if row["sku"] == "gb"]
    write_tables(issued_home / "reference", rate=[*ended, *begun])
    assert wrong(issued_home) == []
    edit_prices(issued_home, "discount", 0, valid_to="2026-10-31")
    (sentence,) = wrong(issued_home)
    assert sentence.startswith("discount.csv line 2, valid_to was empty and is 2026-10-31, but issued by ")
    assert "US-2026-000004. " in sentence
