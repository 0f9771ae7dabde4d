"""Whatever file is brought, its import lands the truth or fails with a named reason."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq
import pytest

from connectors.clock import VARIABLE
from connectors.errors import VendorError
from connectors.files import VENDOR
from connectors.files.fetch import file_to_import
from connectors.stream import UsageDay
from tests.contract.test_generated_answers import ANSWERS
from warehouse.landing import Landing

DAY = UsageDay(date(2026, 10, 31), ZoneInfo("UTC"))
Table = list[list[str]]

FILES = {
    "usage": (
        """
kind = "usage"
name = "seats"
vendor = "revirt365"
period = "month"
[table]
total_label = "Total"
[columns]
account_id = "Customer"
period = "Month"
product = "Product"
[meters.active_seats]
column = "Seats"
unit = "seats"
[control]
sum_of = "Seats"
""",
        [
            ["Customer", "Month", "Product", "Seats"],
            ["c-1", "2026-10", "mail", "12"],
            ["c-2", "2026-10", "mail", "7"],
            ["c-2", "2026-10", "files", "31"],
            ["c-9", "2026-10", "mail", "104"],
            ["Total", "", "", "154"],
        ],
    ),
    "invoices": (
        """
kind = "invoice"
name = "bill"
vendor = "xopero"
[table]
total_label = "Total"
[columns]
invoice_number = "Invoice"
occurred_on = "Date"
description = "Text"
amount = "Amount"
[constants]
currency = "EUR"
[control]
sum_of = "Amount"
""",
        [
            ["Invoice", "Date", "Text", "Amount"],
            ["R-7", "2026-10-31", "Storage, October", "1234.50"],
            ["R-7", "2026-10-31", "Credit", "-20.25"],
            ["R-8", "2026-10-30", "Seats", "99.99"],
            ["Total", "", "", "1314.24"],
        ],
    ),
}

STRANGE = [
    "",
    " ",
    "a lot",
    "1,5",
    "1.2.3",
    "0x1F",
    "NaN",
    "inf",
    "1e3",
    "12 seats",
    "#REF!",
    "-",
    "\u22125",
    "\u0663",
    "TRUE",
]


def columns(table: Table, chance: Random) -> None:
    order = chance.sample(range(len(table[0])), len(table[0]))
    table[:] = [[row[place] for place in order] for row in table]


def column_twice(table: Table, chance: Random) -> None:
    place = chance.randrange(len(table[0]))
    for number, row in enumerate(table):
        row.append(row[place] if number == 0 else chance.choice(["7", "x", ""]))


def column_less(table: Table, chance: Random) -> None:
    place = chance.randrange(len(table[0]))
    for row in table:
        row.pop(place)


def column_more(table: Table, chance: Random) -> None:
    for number, row in enumerate(table):
        row.append("Note" if number == 0 else chance.choice(["", "5", "new"]))


def name(table: Table, chance: Random) -> None:
    place = chance.randrange(len(table[0]))
    table[0][place] = chance.choice(
        [table[0][place].upper(), table[0][place] + "s", "", " " + table[0][place]]
    )


def shifted(table: Table, chance: Random) -> None:
    row = chance.choice(table[1:])
    row.insert(chance.randrange(len(row)), chance.choice(["", "5"]))


def strange_figure(table: Table, chance: Random) -> None:
    chance.choice(table[1:])[-1] = chance.choice(STRANGE)


def no_value(table: Table, chance: Random) -> None:
    # What an invoice says in words may be empty.
    chance.choice(table[1:-1])[chance.choice([0, 1])] = ""


def row_less(table: Table, chance: Random) -> None:
    table.pop(chance.randrange(len(table)))


def rows_less(table: Table, chance: Random) -> None:
    del table[chance.randrange(len(table)) :]


def no_rows(table: Table, chance: Random) -> None:
    del table[1 : chance.choice([len(table), len(table) - 1])]


def row_twice(table: Table, chance: Random) -> None:
    table.insert(chance.randrange(1, len(table) + 1), list(chance.choice(table)))


def rows_moved(table: Table, chance: Random) -> None:
    one, other = chance.sample(range(len(table)), 2)
    table[one], table[other] = table[other], table[one]


def blank_rows(table: Table, chance: Random) -> None:
    table.insert(chance.randrange(len(table) + 1), [""] * chance.randrange(len(table[0]) + 1))


CHANGES: list[Callable[[Table, Random], None]] = [
    columns,
    column_twice,
    column_less,
    column_more,
    name,
    shifted,
    strange_figure,
    no_value,
    row_less,
    rows_less,
    no_rows,
    row_twice,
    rows_moved,
    blank_rows,
]


def written(table: Table, chance: Random) -> bytes:
    """The table as CSV, now and then in another dialect, or not to its end."""
    text = io.StringIO()
    dialect = {"delimiter": chance.choice(",,,;\t"), "lineterminator": chance.choice(["\n", "\r\n"])}
    quoting = chance.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
    csv.writer(text, quoting=quoting, **dialect).writerows(table)
    body = text.getvalue().encode(chance.choice(["utf-8", "utf-8", "utf-8", "utf-8-sig", "utf-16"]))
    # Within a text that is not quoted, a quote is a character.
    strays = [b"\x00", b"\xff", b'"'] if quoting == csv.QUOTE_ALL else [b"\x00", b"\xff"]
    match chance.randrange(6):
        case 0:
            return body[: chance.randrange(len(body) + 1)]
        case 1:
            place = chance.randrange(len(body) + 1)
            return body[:place] + chance.choice(strays) + body[place:]
    return body


@pytest.mark.parametrize("stream", FILES)
def test_no_generated_file_lands_anything_but_the_truth(stream, tmp_path, monkeypatch):
    """Cut, reordered, renamed, retyped, repeated: a table whose total line vouches for it."""
    monkeypatch.setenv(VARIABLE, "2026-11-01T02:00:00+00:00")
    text, table = FILES[stream]
    mapping, file = tmp_path / "mapping.toml", tmp_path / "file.csv"
    mapping.write_text(text)

    def landed(body: bytes, home: Path) -> list[str]:
        file.write_bytes(body)
        brought = file_to_import(file, mapping, None, None)
        landing, of_files = Landing(home / "raw"), VENDOR.stream(stream)
        pull = landing.land(of_files, "default", DAY, lambda: of_files.fetch(brought, DAY))
        assert not pull.quarantined
        rows = pq.read_table(home / str(pull.rows_path))
        # An invoice line without a number of its own has that of its row.
        of_rows = {"row_no", "response_no", "extra", "file_row", "transaction_id"}
        told = rows.select([name for name in rows.column_names if name not in of_rows])
        return sorted(map(str, told.to_pylist()))

    quoted = (",".join(f'"{cell}"' for cell in row) for row in table)
    truth = landed("\n".join(quoted).encode(), tmp_path / "true")
    assert len(truth) == len(table) - 2
    wrong = []
    for number in range(ANSWERS):
        chance = Random(f"{stream} {number}")
        changed = [list(row) for row in table]
        if chance.random() < 0.85:
            CHANGES[number % len(CHANGES)](changed, chance)
        body = written(changed, chance)
        with suppress(VendorError):
            if (rows := landed(body, tmp_path / str(number))) != truth:
                wrong.append((number, body, set(rows) ^ set(truth)))
    assert not wrong
