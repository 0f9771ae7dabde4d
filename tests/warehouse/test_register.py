"""The register holds what was written, says so when it does not, and becomes tables."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from connectors.clock import VARIABLE
from warehouse.register import Head, Kind, Register, RegisterBroken, encode, load, sha256

AT = "2026-11-02T09:00:00+01:00"


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, AT)


@pytest.fixture
def register(tmp_path: Path) -> Register:
    """A register of five entries, one command each."""
    register = Register(tmp_path)
    for n in range(1, 6):
        add(register, n)
    return register


def add(register: Register, n: int) -> None:
    with register.writing() as transaction:
        content = {"month": date(2026, 10, 1), "amount": Decimal("1.10"), "name": "Zoë", "long": "x" * 900}
        transaction.append(Kind.ISSUE, f"NL-2026-{n:06}", "bob", content, refers_to=f"draft {n}")


def test_canonical_json_is_one_text_for_one_content() -> None:
    """Keys are sorted, decimals keep their scale, dates are dates, and a float is refused."""
    assert (
        encode({"b": Decimal("1E+2"), "a": [date(2026, 1, 2), None, "é"]})
        == '{"a":["2026-01-02",null,"é"],"b":"100"}'.encode()
    )
    with pytest.raises(TypeError, match=r"0\.5 is a float"):
        encode({"a": {"b": [0.5]}})


def test_entries_are_chained_in_order(register: Register) -> None:
    """Each entry names the one before it; the head is the last of them."""
    entries = list(register.entries())
    assert [entry.seq for entry in entries] == [1, 2, 3, 4, 5]
    assert [entry.prev_sha256 for entry in entries[1:]] == [entry.sha256 for entry in entries[:-1]]
    assert register.verify() == register.head() == entries[-1].head
    assert [entry.seq for entry in register.entries(after=3)] == [4, 5]
    assert entries[0].content["amount"] == "1.10"
    assert [entry.subject for entry in register.documents()] == [f"NL-2026-{n:06}" for n in range(1, 6)]


def test_nothing_is_an_empty_register(tmp_path: Path) -> None:
    """Reading and checking make no files."""
    register = Register(tmp_path)
    assert register.verify() == register.head() == Head()
    assert list(register.entries()) == []
    assert list(tmp_path.iterdir()) == []


SIXTH = """
INSERT INTO entry
SELECT 6, sha256, '{kind}', 'NL-2026-00000{number}', 'draft {draft}', at, '', body, ''
FROM entry WHERE seq = 5
"""


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("UPDATE entry SET by_person = 'eve' WHERE seq = 2", "never changed"),
        ("DELETE FROM entry WHERE seq = 5", "never removed"),
        ("INSERT OR REPLACE INTO entry SELECT * FROM entry WHERE seq = 2", "stands already"),
        (
            "INSERT INTO entry SELECT 7, sha256, kind, 'n', 'd', at, '', body, '' FROM entry",
            "follows the last",
        ),
        (SIXTH.format(kind="issue", number=6, draft=2), "stands already"),
        (SIXTH.format(kind="credit", number=3, draft=6), "UNIQUE"),
    ],
)
def test_the_file_itself_refuses(register: Register, statement: str, why: str) -> None:
    """Changes, removals, gaps, a second invoice for a draft and a second use of a number."""
    with sqlite3.connect(register.path) as connection, pytest.raises(sqlite3.IntegrityError, match=why):
        connection.execute(statement)


def forged(register: Register, *statements: str) -> None:
    """Change the file behind the program's back."""
    with sqlite3.connect(register.path) as connection:
        for trigger in ("an_entry_is_not_changed", "an_entry_is_not_removed", "an_entry_follows_the_last"):
            connection.execute(f"DROP TRIGGER {trigger}")
        for statement in statements:
            connection.execute(statement)
    connection.close()


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("UPDATE entry SET by_person = 'eve' WHERE seq = 2", r"entry 2 \(issue NL-2026-000002\) is not what"),
        ("UPDATE entry SET at = 'x' WHERE seq = 2", r"entry 2 \(issue NL-2026-000002\) is not what"),
        ("UPDATE entry SET kind = 'sale' WHERE seq = 3", r"entry 3 \(sale NL-2026-000003\) is not what"),
        ("UPDATE entry SET subject = 'x' WHERE seq = 3", r"entry 3 \(issue x\) is not what"),
        ("UPDATE entry SET prev_sha256 = 'x' WHERE seq = 4", r"entry 4 .* is not what"),
        ("UPDATE entry SET sha256 = 'x' WHERE seq = 4", r"entry 4 .* is not what"),
        ("DELETE FROM entry WHERE seq = 1", "entry 1 is missing"),
        ("DELETE FROM entry WHERE seq = 3", "entry 3 is missing"),
        ("DELETE FROM entry WHERE seq > 3", "ends with entry 3, but head.json knows entry 5"),
        ("DELETE FROM entry", "ends with entry 0, but head.json knows entry 5"),
        ("DROP TABLE entry", "missing or empty, but head.json knows entry 5"),
        ("SELECT 1", "no entry has changed, but bytes of the file outside of them have"),
    ],
)
def test_a_forgery_is_named(register: Register, statement: str, sentence: str) -> None:
    """The first entry that is not what was written; and nothing is added to such a register."""
    forged(register, statement)
    with pytest.raises(RegisterBroken, match=sentence):
        register.verify()
    with pytest.raises(RegisterBroken, match=sentence):
        add(register, 6)


def test_a_chain_that_was_computed_anew_is_not_the_one_that_is_known(
    register: Register, tmp_path: Path
) -> None:
    """A sound register in the place of another is found out by the head."""
    other = Register(tmp_path / "other")
    with other.writing() as transaction:
        transaction.append(Kind.REVIEW, "draft", "eve", {})
    for n in range(1, 7):
        add(other, n)
    shutil.copy(other.path, register.path)
    with pytest.raises(RegisterBroken, match=r"entry 5 .* is not the one that head.json knows"):
        register.verify()


def test_an_older_register_does_not_pass_for_the_whole(
    register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A backup of the file alone lacks what came after it; a backup of the head alone is found out too."""
    file, head = register.path.read_bytes(), register.head_path.read_bytes()
    for n in (6, 7):
        monkeypatch.setenv(VARIABLE, f"2026-11-0{n}T09:00:00Z")
        add(register, n)
    newer = register.path.read_bytes()
    register.path.write_bytes(file)
    with pytest.raises(RegisterBroken, match=r"ends with entry 5, but head\.json knows entry 7"):
        register.verify()
    register.path.write_bytes(newer)
    register.head_path.write_bytes(head)
    with pytest.raises(RegisterBroken, match="it knows 5 of 7"):
        register.verify()


@pytest.mark.parametrize("content", [None, b"", b"{}}", b"\xff"])
def test_without_a_head_nobody_can_say_what_is_missing(register: Register, content: bytes | None) -> None:
    """A head that is missing or damaged is a broken register."""
    register.head_path.unlink()
    if content is not None:
        register.head_path.write_bytes(content)
    with pytest.raises(RegisterBroken, match=r"head.json is missing or damaged"):
        register.verify()


def test_any_changed_byte_of_the_file_is_caught(register: Register) -> None:
    """Header, free space, trigger, index, entry: whichever byte it is, in one sentence that names it."""
    whole = register.path.read_bytes()
    step = max(1, len(whole) // 400)
    sentences = set()
    for place in range(0, len(whole), step):
        register.path.write_bytes(whole[:place] + bytes([whole[place] ^ 1 << place % 8]) + whole[place + 1 :])
        with pytest.raises(RegisterBroken) as caught:
            register.verify()
        assert str(register.path) in str(caught.value)
        assert "\n" not in str(caught.value)
        sentences.add(str(caught.value).split(str(register.path))[1].split("(")[0])
    assert len(sentences) >= 5, sentences
    register.path.write_bytes(whole)
    assert register.verify().seq == 5


@pytest.mark.parametrize("length", [0, 1, 99, 4096, 8192, 12288])
def test_a_truncated_file_is_caught(register: Register, length: int) -> None:
    """Cut off anywhere, it is no register of five entries."""
    register.path.write_bytes(register.path.read_bytes()[:length])
    with pytest.raises(RegisterBroken):
        register.verify()


def test_a_command_that_fails_adds_nothing(register: Register) -> None:
    """What was appended before the error is taken back, and the file is as it was."""
    before = register.path.read_bytes()

    def fail() -> None:
        with register.writing() as transaction:
            transaction.append(Kind.VOID, "NL-2026-000001", "ann", {})
            raise ValueError("stop")

    with pytest.raises(ValueError, match="stop"):
        fail()
    assert register.path.read_bytes() == before
    assert register.verify().seq == 5


LINE = {
    **dict.fromkeys(
        ("tier_no", "fx_rate", "cost_amount", "contract_id", "restates_month", "restates_number")
    ),
    "line_no": 1,
    "invoice_line_id": "line",
    "charge_line_id": "charge",
    "kind": "usage",
    "customer_id": "acme",
    "sku": "STORAGE",
    "dimension": "",
    "service_period_start": date(2026, 10, 1),
    "service_period_end": date(2026, 11, 1),
    "description": "Storage, Zoë's",
    "rule": "1 EUR a GB",
    "quantity": Decimal("1.500000"),
    "unit": "GB",
    "unit_price": Decimal("1.000000000"),
    "price_currency": "EUR",
    "exact_amount": Decimal("1234567890123456789012.123456789012345"),
    "amount": Decimal("12345678901234.5678"),
    "rate_card": "standard",
    "tax_class": "standard",
    "tax_category": "S",
    "tax_percent": Decimal("21.0000"),
    "charge_class": "",
    "days_expected": 31,
    "days_reported": 30,
    "days_filled": 1,
}
DOCUMENT = {
    **dict.fromkeys(("po_number", "reference_number", "reason")),
    "document_id": "NL-2026-000006",
    "number": "NL-2026-000006",
    "kind": "invoice",
    "billing_entity_id": "nl",
    "billed_customer_id": "acme",
    "billed_customer_name": "Acme",
    "currency": "EUR",
    "month": date(2026, 10, 1),
    "period_start": date(2026, 10, 1),
    "period_end": date(2026, 11, 1),
    "issue_date": date(2026, 11, 2),
    "due_date": date(2026, 12, 2),
    "net": Decimal("1.50"),
    "tax": Decimal("0.32"),
    "total": Decimal("1.82"),
    "prepared_by": "ann",
    "issued_by": "bob",
    "issued_at": AT,
    "lines": [LINE, {**LINE, "line_no": 2}],
    "taxes": [
        {
            "tax_code": "NL",
            "name": "VAT",
            "category": "S",
            "percent": Decimal(21),
            "exemption_reason": None,
            "taxable": Decimal("1.50"),
            "tax": Decimal("0.32"),
        }
    ],
}


@pytest.fixture
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    """The tables that the register fills."""
    from registered import make_tables

    with duckdb.connect() as connection:
        make_tables(connection)
        yield connection


def test_the_tables_follow_the_register(tmp_path: Path, warehouse: duckdb.DuckDBPyConnection) -> None:
    """Each build adds what is new and says which months that is about; decimals keep every digit."""
    register = Register(tmp_path)
    assert load(warehouse, tmp_path) == set()
    with register.writing() as transaction:
        first = {**DOCUMENT, "document_id": "one"}
        transaction.append(Kind.ISSUE, "NL-2026-000001", "bob", first, refers_to="one")
    assert load(warehouse, tmp_path) == {date(2026, 10, 1)}
    assert load(warehouse, tmp_path) == set()
    with register.writing() as transaction:
        closed = {"month": date(2026, 9, 1), "billing_entity_id": "nl", "reason": "done"}
        transaction.append(Kind.CLOSE, "nl 2026-09", "cleo", closed)
        entry = transaction.append(Kind.ISSUE, "NL-2026-000002", "bob", DOCUMENT, refers_to="two")
    assert load(warehouse, tmp_path) == {date(2026, 9, 1), date(2026, 10, 1)}
    assert warehouse.execute(
        "SELECT seq, kind, subject, month, billing_entity_id, by_person, reason FROM billing.register_entry "
        "WHERE seq = 2"
    ).fetchall() == [(2, "close", "nl 2026-09", date(2026, 9, 1), "nl", "cleo", "done")]
    assert warehouse.execute(
        "SELECT seq, lines, total, sha256, issue_date FROM billing.document ORDER BY seq DESC LIMIT 1"
    ).fetchall() == [(3, 2, Decimal("1.8200"), sha256(entry.body), date(2026, 11, 2))]
    assert warehouse.execute(
        "SELECT exact_amount, amount, description, fx_rate, tier_no, month FROM billing.document_line "
        "WHERE document_id = 'NL-2026-000006' AND line_no = 2"
    ).fetchall() == [(LINE["exact_amount"], LINE["amount"], "Storage, Zoë's", None, None, date(2026, 10, 1))]
    assert (
        warehouse.execute("SELECT taxable, tax FROM billing.document_tax").fetchall()
        == [(Decimal("1.5000"), Decimal("0.3200"))] * 2
    )


def test_tables_that_know_more_than_the_register_refuse_it(
    tmp_path: Path, warehouse: duckdb.DuckDBPyConnection
) -> None:
    """The published warehouse is a place that knows the head, too."""
    register = Register(tmp_path / "whole")
    for n in (1, 2):
        with register.writing() as transaction:
            transaction.append(Kind.REVIEW, f"draft {n}", "ann", {"month": "2026-10-01"})
    load(warehouse, tmp_path / "whole")
    with pytest.raises(RegisterBroken, match="ends with entry 0, but the warehouse knows entry 2"):
        load(warehouse, tmp_path / "nowhere")
    other = Register(tmp_path / "other")
    for n in (1, 2, 3):
        with other.writing() as transaction:
            transaction.append(Kind.REVIEW, f"draft {n}", "eve", {"month": "2026-10-01"})
    with pytest.raises(RegisterBroken, match=r"entry 2 .* is not the one that the warehouse knows"):
        load(warehouse, tmp_path / "other")


def test_a_broken_register_fills_no_table(tmp_path: Path, warehouse: duckdb.DuckDBPyConnection) -> None:
    """A changed entry stops the build, an old one too."""
    register = Register(tmp_path)
    for n in (1, 2):
        with register.writing() as transaction:
            transaction.append(Kind.REVIEW, f"draft {n}", "ann", {"month": "2026-10-01"})
    load(warehouse, tmp_path)
    forged(register, "UPDATE entry SET by_person = 'eve' WHERE seq = 1")
    with pytest.raises(RegisterBroken, match="entry 1 "):
        load(warehouse, tmp_path)
