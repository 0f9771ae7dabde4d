"""Customers proposed for unmapped accounts: by what, with which score; and nobody is mapped by it."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from connectors.clock import VARIABLE
from connectors.sandbox.reference import write_reference
from connectors.sandbox.world import World
from pipelines.cli import app
from tests.warehouse.invoiced import OCTOBER, Books
from warehouse import publish
from warehouse.build import FILE, create
from warehouse.reconciliation.likeness import is_telling, plain_name
from warehouse.reconciliation.proposals import Proposal, proposals

PULLED = {"connection": "default", "pull_id": "p"}
MAPPED = {"vendor": "acme", "connection": "default", "state": "mapped"}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three customers, of which one is a reseller's and has an account at acme."""
    monkeypatch.setenv(VARIABLE, "2026-11-01T09:00:00Z")
    monkeypatch.setenv("BACKUP_BILLING_HOME", str(tmp_path))
    with publish.rewrite(tmp_path / FILE, fresh=True) as connection:
        create(connection, None)
        book = Books(connection)
        common = {"billing_entity_id": "us", "currency": "EUR", "rate_card": "", "tax_code": "vat"}
        book.reference(
            customer=[
                {
                    "customer_id": "R-0001",
                    "name": "Harbour IT",
                    "kind": "reseller",
                    "bill_to": "self",
                    **common,
                },
                {"customer_id": "C-000001", "name": "Amber Dental Ltd", "kind": "end_customer"}
                | {"parent_customer_id": "R-0001", "bill_to": "parent", "tax_id": "NL 0012.34.567.B01"},
                {"customer_id": "C-000002", "name": "Birch Foundry GmbH", "kind": "end_customer"}
                | {"bill_to": "self", "po_number": "PO-77-41", **common},
            ],
            account_mapping=[
                {**MAPPED, "account_id": "100", "customer_id": "R-0001"},
                {**MAPPED, "account_id": "101", "customer_id": "C-000001"},
                {**MAPPED, "account_id": "102", "state": "excluded", "reason": "Demo"},
            ],
        )
        listed(book, "acme", "100", "Harbour")
        listed(book, "acme", "101", "Amber Dental", "100", email="e1", domain="amber-dental.example")
        listed(book, "acme", "102", "Demo")
        book.land(OCTOBER)
    return tmp_path


def listed(book: Books, vendor: str, account: str, name: str, parent: str = "", **identities: str) -> None:
    """An account as the vendor lists it."""
    told = {
        "vendor": vendor,
        "connection": "default",
        "account_id": account,
        "usage_date": OCTOBER,
        "pull_id": "p",
    }
    book.insert(
        "staging.vendor_account", {**told, "parent_account_id": parent, "name": name, "is_active": True}
    )
    for kind, value in identities.items():
        book.insert("staging.vendor_account_identity", {**told, "kind": kind, "value": value})


def proposed(
    home: Path, name: str, parent: str = "", account: str = "900", **identities: str
) -> list[tuple[Any, ...]]:
    """Id, score and reasons of the customers proposed for one more account."""
    with publish.rewrite(home / FILE) as connection:
        book = Books.__new__(Books)
        book.connection = connection
        listed(book, "acme" if parent else "zeta", account, name, parent, **identities)
    (proposal,) = proposals(home / FILE)
    return [(each.customer_id, each.score, each.reasons) for each in proposal.candidates]


@pytest.mark.parametrize(
    ("identities", "customer", "score", "reason"),
    [
        ({"reference": "c-000002"}, "C-000002", 100, "the vendor has its id, c-000002"),
        (
            {"reference": "vat nl001234567b01"},
            "C-000001",
            98,
            "the vendor has its VAT number, nl001234567b01",
        ),
        ({"reference": "po-77-41"}, "C-000002", 85, "the vendor has its order number, po-77-41"),
        ({"email": "e1"}, "C-000001", 95, "same e-mail as its account acme default 101"),
        (
            {"domain": "amber-dental.example"},
            "C-000001",
            93,
            "same domain amber-dental.example as its account acme default 101",
        ),
    ],
)
def test_each_identifier_speaks_for_its_customer(
    home: Path, identities: dict[str, str], customer: str, score: int, reason: str
) -> None:
    """With the score of its kind; a domain that reads like the name speaks twice."""
    ((proposed_customer, got, reasons),) = proposed(home, "12", **identities)
    assert (proposed_customer, got, reasons[0]) == (customer, score, reason)


@pytest.mark.parametrize(
    ("name", "customer", "score"),
    [
        ("BIRCH FOUNDRY GMBH", "C-000002", 85),
        ("BIRCH FOUNDRY", "C-000002", 83),
        ("Foundry Birch B.V.", "C-000002", 80),
        ("Bïrch Foundri Gmbh", "C-000002", 77),
        ("Ambre Dental Inc.", "C-000001", 75),
    ],
)
def test_names_are_compared_as_people_do(home: Path, name: str, customer: str, score: int) -> None:
    """Without case, order, accents and legal forms, and with a letter amiss."""
    ((got, found, (reason,)),) = proposed(home, name)
    assert (got, found) == (customer, score)
    assert reason.startswith(f"{name} is named alike (")


def test_a_domain_that_reads_like_a_name_is_alike(home: Path) -> None:
    """No account needs to be mapped before; a mailbox for everybody says nothing."""
    ((got, score, _),) = proposed(home, "17", domain="birchfoundry.example")
    assert (got, score) == ("C-000002", 81)


def test_what_resembles_nobody_is_proposed_to_nobody(home: Path) -> None:
    """Nor by a domain that everybody can have."""
    assert proposed(home, "Zenith Opticians", domain="gmail.com", email="e9") == []


def test_the_account_above_speaks_too(home: Path) -> None:
    """For a customer of the same reseller, and against those of others."""
    assert [row[:2] for row in proposed(home, "Amber Dental", parent="100")] == [("C-000001", 88)]
    with publish.rewrite(home / FILE) as connection:
        connection.execute("DELETE FROM staging.vendor_account WHERE account_id = '900'")
    ((customer, score, reasons),) = proposed(home, "Birch Foundry", parent="100")
    assert (customer, score) == ("C-000002", 68)
    assert reasons[-1] == "the account above it is of R-0001, and this customer is not"


def test_what_two_customers_share_is_left_to_people(home: Path) -> None:
    """An address that both have is no evidence, and of two as likely none is the best."""
    with publish.rewrite(home / FILE) as connection:
        connection.execute(
            "INSERT INTO reference.customer BY NAME SELECT * REPLACE ('C-000003' AS customer_id) "
            "FROM reference.customer WHERE customer_id = 'C-000002'"
        )
        connection.execute(
            "INSERT INTO reference.account_mapping BY NAME SELECT * REPLACE ('C-000003' AS customer_id, "
            "'103' AS account_id) FROM reference.account_mapping WHERE account_id = '101'"
        )
        book = Books.__new__(Books)
        book.connection = connection
        listed(book, "acme", "103", "", email="e1")
    rows = proposed(home, "Birch Foundry", email="e1")
    assert [row[:2] for row in rows] == [("C-000002", 83), ("C-000003", 83)]
    assert rows[0][2] == ("Birch Foundry is named alike (100 of 100): Birch Foundry GmbH, as 1 more",)
    (proposal,) = proposals(home / FILE)
    assert proposal.best is None


def test_usage_of_nobody_comes_first_and_needs_no_listing(home: Path) -> None:
    """A file of usage lists no accounts; what is inactive and unused is left out."""
    with publish.rewrite(home / FILE) as connection:
        book = Books.__new__(Books)
        book.connection = connection
        listed(book, "acme", "104", "Amber Dental")
        listed(book, "acme", "105", "Gone")
        connection.execute("UPDATE staging.vendor_account SET is_active = false WHERE account_id = '105'")
        book.insert(
            "billing.unmapped_account",
            {"month": OCTOBER, "vendor": "files", "connection": "default", "account_id": "C-000002"}
            | {"first_day": OCTOBER.replace(day=7), "days": 3, "owner": -1},
        )
    first, second = proposals(home / FILE)
    assert (first.account.key, first.account.first_day.day) == (("files", "default", "C-000002"), 7)
    assert (first.best and first.best.customer_id, first.account.is_used) == ("C-000002", True)
    assert (second.account.key[2], second.account.is_used) == ("104", False)
    assert [each.account.key[0] for each in proposals(home / FILE, "acme")] == ["acme"]


def said(*words: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, list(words))
    assert result.exit_code == code, result.output
    return " ".join(result.output.split())


def test_the_command_writes_rows_to_be_checked_and_maps_nobody(home: Path, tmp_path: Path) -> None:
    """The columns of account_mapping, a row for each likeliest customer; the reference stays as it was."""
    assert "Every vendor account is mapped or excluded." in said("mappings", "propose")
    proposed(home, "[Birch] Foundry")
    shown = said("mappings", "propose", "--to", str(tmp_path / "rows.csv"))
    assert all(word in shown for word in ("zeta 900", "C-000002", "82", "[Birch]"))
    assert "1 of 1 written" in shown
    with (tmp_path / "rows.csv").open(encoding="utf-8") as file:
        (row,) = csv.DictReader(file)
    assert {name: value for name, value in row.items() if value} == {
        "vendor": "zeta",
        "connection": "default",
        "account_id": "900",
        "state": "mapped",
        "customer_id": "C-000002",
        "valid_from": "2026-10-01",
    }
    assert len(proposals(home / FILE)) == 1
    assert "--vendor is 'nobody'; there are" in said("mappings", "propose", "--vendor", "nobody", code=2)


def test_mappings_that_were_lost_are_found_again(tmp_path: Path) -> None:
    """In the sandbox's world, by names alone: the customer is among those proposed, and no other is best."""
    world, day = World(120), date(2026, 10, 31)
    write_reference(world, tmp_path / "reference")
    lost: dict[tuple[str, str], str] = {}
    with publish.rewrite(tmp_path / FILE, fresh=True) as connection:
        create(connection, tmp_path / "reference")
        told = [{**account._asdict(), **PULLED, "usage_date": day} for account in world.truth_accounts(day)]
        connection.register("told", pa.Table.from_pylist(told))
        connection.execute("INSERT INTO staging.vendor_account BY NAME SELECT * FROM told")
        where = "state = 'mapped' AND CAST(right(md5(account_id), 1) AS VARCHAR) IN ('0', '7')"
        rows = connection.execute(
            f"SELECT vendor, account_id, customer_id FROM reference.account_mapping WHERE {where}"
        ).fetchall()
        lost = {(vendor, account): customer for vendor, account, customer in rows}
        connection.execute(f"DELETE FROM reference.account_mapping WHERE {where}")
    found = proposals(tmp_path / FILE)
    owners = [(lost[each.account.key[0], each.account.key[2]], each) for each in found]
    assert len(owners) > 20
    assert all(owner in [one.customer_id for one in each.candidates] for owner, each in owners)
    assert all(each.best is None or each.best.customer_id == owner for owner, each in owners)
    assert sum(each.best is not None for each in found) > 0.7 * len(found)


@given(st.text())
def test_any_name_has_a_plain_form(name: str) -> None:
    """Plain twice is plain once, and no name is an error."""
    assert plain_name(plain_name(name)) == plain_name(name)


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("Żółć & Söhne <GmbH>", "zolc sohne"),
        ("Acme Sp. z o.o.", "acme"),
        ("Acme B.V.", "acme"),
        ("寿司データ保管株式会社", "寿司データ保管株式会社"),
        ("ｶﾞﾗｽ #12", "ガラス"),
        ("Крайний Йод", "крайний йод"),
        ("राम - सेवा", "राम सेवा"),
        ("한글", "한글"),
        ("Ἀθῆναι", "αθηναι"),
        ("GmbH", ""),
    ],
)
def test_a_plain_name_is_what_is_left_of_it(name: str, plain: str) -> None:
    """Legal forms with or without points; other scripts stay."""
    assert plain_name(name) == plain
    assert is_telling("example.com")
    assert not is_telling("pc-4.local")


@pytest.mark.parametrize(
    ("one", "other"),
    [("ガス", "カス"), ("パン", "ハン"), ("राम", "रोम"), ("Край", "Краи"), ("กา", "กี")],
)
def test_names_that_differ_by_a_mark_that_is_no_accent_stay_different(one: str, other: str) -> None:
    """Voicing, vowel signs and the breve of й make other letters."""
    assert plain_name(one) != plain_name(other)


def test_a_proposal_without_candidates_has_no_best() -> None:
    """And it is no error to ask."""
    assert Proposal.best.fget(Proposal(None, ())) is None
