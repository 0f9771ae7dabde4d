"""Review, issue, void, waive and close: what they write, and what they refuse in one sentence."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from invoiced import NOVEMBER, OCTOBER
from registered import alter, ask, charge_more, give, publish_books, pull_everything, rebuild

from connectors.clock import VARIABLE
from warehouse import publish
from warehouse.build import FILE
from warehouse.invoicing.close import Closed, close, reopen
from warehouse.invoicing.credit import credit
from warehouse.invoicing.issue import Issued, issue
from warehouse.invoicing.prepare import prepare
from warehouse.invoicing.refusal import Refused
from warehouse.invoicing.session import is_behind
from warehouse.invoicing.void import void
from warehouse.invoicing.waive import waive
from warehouse.register import Kind, Register, RegisterBroken, sha256

NOW = "2026-12-01T09:00:00Z"


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Drafts of three customers in two months, and no register yet."""
    home = tmp_path_factory.mktemp("published")
    publish_books(home)
    return home


@pytest.fixture
def home(published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(VARIABLE, NOW)
    return Path(shutil.copytree(published, tmp_path / "home"))


def prepared(home: Path, month: date = OCTOBER, by: str = "Ann") -> None:
    prepare(home, month, by)
    rebuild(home)


def issued(home: Path, month: date = OCTOBER, customers: Sequence[str] = ()) -> Issued:
    """Reviewed by Ann, issued by Bob, and shown by the tables."""
    prepared(home, month)
    found = issue(home, month, "Bob", customers)
    rebuild(home)
    return found


def refusal(command: Callable[..., object], *values: object, **named: object) -> str:
    """Why a command refuses; nothing is written then."""
    before = Register(values[0]).head() if isinstance(values[0], Path) else None
    with pytest.raises(Refused) as caught:
        command(*values, **named)
    assert isinstance(values[0], Path)
    assert Register(values[0]).head() == before
    return str(caught.value)


def test_a_reviewed_month_is_issued_with_numbers_in_order(home: Path) -> None:
    """One document for each customer, numbered from 1; the tables show them, with who did what."""
    found = issued(home)
    assert [entry.subject for entry in found.entries] == [f"US-2026-00000{n}" for n in (1, 2, 3)]
    assert found.refused == []
    assert ask(
        home,
        "SELECT number, status, billed_customer_id, lines, issue_date, due_date FROM billing.invoice "
        "WHERE month = ? ORDER BY number",
        OCTOBER,
    ) == [
        (f"US-2026-00000{n}", "issued", customer, 5, date(2026, 12, 1), date(2026, 12, 31))
        for n, customer in enumerate(("acme", "bolt", "core"), start=1)
    ]
    assert ask(home, "SELECT DISTINCT prepared_by, issued_by FROM billing.document") == [("Ann", "Bob")]
    assert ask(home, "SELECT count(*) FROM billing.draft WHERE month = ?", OCTOBER) == [(0,)]


def test_a_document_says_all_that_it_takes_to_check_it(home: Path) -> None:
    """Lines, taxes and totals to the digit, the content that was reviewed, and what it was computed from."""
    draft = ask(
        home,
        "SELECT content_sha256, net, tax, total FROM billing.draft WHERE month = ? "
        "AND billed_customer_id = 'acme'",
        OCTOBER,
    )[0]
    entry = issued(home).entries[0]
    document = entry.content
    assert (document["content_sha256"], document["net"], document["tax"], document["total"]) == (
        draft[0],
        *map(str, draft[1:]),
    )
    assert sum(Decimal(line["amount"]) for line in document["lines"]) == Decimal(document["net"])
    assert document["seller"]["name"] == "Us"
    assert document["buyer"]["name"] == "Customer acme"
    evidence = document["evidence"]
    assert evidence["register_seq"] == 3
    assert set(evidence["pulls"]) == {"2026-10"}
    assert {len(evidence[name]) for name in ("models_sha256", "reference_sha256")} == {64}
    assert ask(home, "SELECT sha256 FROM billing.document WHERE seq = ?", entry.seq) == [
        (sha256(entry.body),)
    ]


def test_each_reason_not_to_issue_is_one_sentence(home: Path) -> None:
    """Not reviewed, reviewed by the same person, changed since."""
    assert issue(home, OCTOBER, "Bob", ["acme"]).refused == [
        "acme (us, EUR): nobody has reviewed it; somebody else than Bob prepares 2026-10"
    ]
    prepared(home)
    assert issue(home, OCTOBER, " ANN ", ["acme"]).refused == [
        "acme (us, EUR): ANN has reviewed it, so somebody else must issue it"
    ]
    charge_more(home, OCTOBER, "acme", "0.01")
    found = issue(home, OCTOBER, "Bob")
    assert found.refused == ["acme (us, EUR): it has changed since Ann reviewed it; prepare 2026-10 again"]
    assert [entry.content["billed_customer_id"] for entry in found.entries] == ["bolt", "core"]


def test_a_blocked_draft_stays_a_draft_and_the_others_are_issued(home: Path) -> None:
    """A blocker of a customer stops that customer, one of nobody in particular stops all."""
    prepared(home)
    below = {"code": "R-29", "sentence": "Below."}
    give(home, **below, billing_entity_id="us", billed_customer_id="bolt")
    found = issue(home, OCTOBER, "Bob")
    assert found.refused == ["bolt (us, EUR): Below."]
    assert [entry.subject for entry in found.entries] == ["US-2026-000001", "US-2026-000002"]
    rebuild(home)
    give(home, **below | {"sentence": "All below."})
    assert issue(home, OCTOBER, "Bob").refused == ["bolt (us, EUR): Below.", "bolt (us, EUR): All below."]


def test_a_month_is_issued_once(home: Path) -> None:
    """Again there is nothing to do; asked for by name, the number it has is told."""
    issued(home)
    assert issue(home, OCTOBER, "Bob") == Issued([], [])
    assert refusal(issue, home, OCTOBER, "Bob", ["acme", "zero"]) == (
        "acme: 2026-10 is issued already, as US-2026-000001\nzero: nothing is to be billed in 2026-10"
    )
    assert refusal(prepare, home, OCTOBER, "Ann") == (
        "2026-10 has no drafts: nothing is to be billed, or all of it is issued"
    )


def test_tables_that_do_not_know_the_whole_register_are_refused(home: Path) -> None:
    """A build that is under way, or never came: nothing is issued from what may be issued already."""
    assert not is_behind(home)
    prepare(home, OCTOBER, "Ann")
    assert is_behind(home)
    sentence = refusal(issue, home, OCTOBER, "Bob")
    assert sentence.startswith("the warehouse does not know entry 3 of the register yet")
    rebuild(home)
    assert not is_behind(home)
    issue(home, OCTOBER, "Bob")
    assert refusal(issue, home, OCTOBER, "Bob").startswith("the warehouse does not know entry 6")
    assert refusal(close, home, OCTOBER, "Bob").startswith("the warehouse does not know entry 6")


def test_even_tables_that_lie_lead_to_no_second_invoice(home: Path) -> None:
    """The register itself is asked whether an invoice stands, whatever the tables say."""
    prepared(home)
    issue(home, OCTOBER, "Bob")
    head = Register(home).head()
    drafts = ask(home, "SELECT count(*) FROM billing.draft WHERE month = ?", OCTOBER)
    with publish.rewrite(home / FILE) as connection:
        connection.execute(
            "INSERT INTO billing.register_entry SELECT * REPLACE (? AS seq, ? AS sha256) "
            "FROM billing.register_entry LIMIT 1",
            [head.seq, head.sha256],
        )
    assert drafts == ask(home, "SELECT count(*) FROM billing.draft WHERE month = ?", OCTOBER) == [(3,)]
    assert issue(home, OCTOBER, "Bob").refused == [
        f"{customer} (us, EUR): 2026-10 is issued already, as US-2026-00000{n}"
        for n, customer in enumerate(("acme", "bolt", "core"), start=1)
    ]


def test_a_month_that_has_not_ended_is_not_issued(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether it has ended is a question of the billing entity's time zone."""
    monkeypatch.setenv(VARIABLE, "2026-11-30T23:30:00Z")
    prepared(home, NOVEMBER)
    assert issue(home, NOVEMBER, "Bob", ["acme"]).refused == ["acme (us, EUR): 2026-11 has not ended in UTC"]
    assert close(home, NOVEMBER, "Bob").blocked[0].sentence == "2026-11 has not ended in UTC"
    alter(home, "UPDATE reference.billing_entity SET time_zone = 'Asia/Tokyo'")
    (entry,) = issue(home, NOVEMBER, "Bob", ["acme"]).entries
    assert entry.content["issue_date"] == "2026-12-01"


def test_numbers_begin_anew_with_the_year_of_issue(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The year is that of the billing entity, and credit notes draw from the same numbers."""
    issued(home, customers=["acme"])
    assert credit(home, "US-2026-000001", "cy", "dan", "late").subject == "US-2026-000002"
    monkeypatch.setenv(VARIABLE, "2026-12-31T23:30:00Z")
    alter(home, "UPDATE reference.billing_entity SET time_zone = 'Asia/Tokyo'")
    (entry,) = issue(home, OCTOBER, "Bob", ["bolt"]).entries
    assert entry.subject == "US-2027-000001"
    assert credit(home, entry.subject, "cy", "dan", "late").subject == "US-2027-000002"


def test_a_voided_invoice_keeps_its_number_and_its_month_is_a_draft_again(home: Path) -> None:
    """It takes another person than the issuer; the new draft needs a review of its own."""
    issued(home)
    assert refusal(void, home, "US-2026-000002", "BOB", "x") == (
        "US-2026-000002 was issued by Bob, so somebody else must void it"
    )
    void(home, "US-2026-000002", "cy", "wrong address")
    rebuild(home)
    assert refusal(void, home, "US-2026-000002", "cy", "x") == "US-2026-000002 was voided by cy on 2026-12-01"
    assert refusal(void, home, "US-2026-9", "cy", "x") == "US-2026-9 is no number of an issued document"
    assert ask(home, "SELECT status FROM billing.invoice WHERE number = 'US-2026-000002'") == [("voided",)]
    assert "nobody has reviewed it" in issue(home, OCTOBER, "Bob").refused[0]
    assert [entry.subject for entry in issued(home).entries] == ["US-2026-000004"]


def test_an_invoice_with_a_credit_note_is_voided_after_the_note(home: Path) -> None:
    """The note would hang in the air."""
    issued(home)
    note = credit(home, "US-2026-000001", "cy", "dan", "late", amount=Decimal(1)).subject
    assert refusal(void, home, "US-2026-000001", "cy", "x") == (
        f"US-2026-000001 has the credit note {note}: void that first"
    )
    void(home, note, "cy", "x")
    void(home, "US-2026-000001", "cy", "x")
    rebuild(home)
    assert ask(home, "SELECT count(*) FROM billing.voided_document") == [(2,)]


def test_names_and_reasons_are_needed(home: Path) -> None:
    """Blanks are none, and neither is what no printer prints."""
    assert refusal(prepare, home, OCTOBER, " ") == "--by must name the person who does this: ' '"
    assert refusal(prepare, home, OCTOBER, "a\x07") == "--by must name the person who does this: 'a\\x07'"
    assert refusal(void, home, "US-2026-000001", "cy", "") == "--reason must say why: ''"
    assert refusal(credit, home, "US-2026-000001", "cy", "Cy", "x") == (
        "cy asks for the credit note, so somebody else must approve it"
    )


def test_a_clock_that_goes_back_is_refused(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Entries stand in the order of time."""
    prepared(home)
    monkeypatch.setenv(VARIABLE, "2026-12-01T08:59:59Z")
    assert refusal(issue, home, OCTOBER, "Bob") == (
        "the clock says 2026-12-01 08:59:59 UTC, but the last entry of the register is of "
        "2026-12-01 09:00:00: set the clock right"
    )


def test_nothing_published_and_another_version_are_refused(home: Path, tmp_path: Path) -> None:
    """Both say what to do."""
    assert refusal(prepare, tmp_path / "empty", OCTOBER, "Ann").startswith("there is no warehouse at")
    alter(home, "UPDATE ops.model_version SET sha256 = 'x'")
    assert refusal(prepare, home, OCTOBER, "Ann") == (
        "the warehouse was built by another version of this program: run backup-billing rebuild"
    )


def test_two_entities_with_one_prefix_are_refused(home: Path) -> None:
    """Their numbers could not be told apart."""
    prepared(home)
    alter(
        home,
        "INSERT INTO reference.billing_entity SELECT * REPLACE ('eu' AS billing_entity_id) FROM "
        "reference.billing_entity",
    )
    assert refusal(issue, home, OCTOBER, "Bob").startswith(
        "billing_entity.csv has the invoice_prefix US twice"
    )


def test_a_draft_that_does_not_add_up_is_not_sealed(home: Path) -> None:
    """The sums are looked at once more before they are for ever."""
    prepared(home)
    with publish.rewrite(home / FILE) as connection:
        connection.execute("UPDATE billing.draft SET tax = NULL WHERE billed_customer_id = 'acme'")
        connection.execute("UPDATE billing.draft SET net = net + 1 WHERE billed_customer_id = 'bolt'")
        connection.execute("UPDATE billing.draft_tax SET tax = tax + 1")
    assert issue(home, OCTOBER, "Bob").refused == [
        "acme (us, EUR): nobody says how it is taxed",
        "bolt (us, EUR): its lines do not sum to its net, or net and tax not to its total",
        "core (us, EUR): its taxes do not sum to its tax",
    ]
    assert Register(home).head().seq == 3


def test_a_restatement_is_waived_by_the_beginning_of_its_id(home: Path) -> None:
    """What was open of it is waived, and it is settled."""
    issued(home)
    charge_more(home, OCTOBER, "acme", "3.21")
    ((restatement,),) = ask(home, "SELECT restatement_id FROM billing.restatement")
    assert refusal(waive, home, "zzz", "eve", "small") == (
        "'zzz' names no restatement, there is none: see restatements"
    )
    waive(home, restatement[:8], "eve", "small")
    rebuild(home)
    assert ask(home, "SELECT status, waived_amount, open_amount FROM billing.restatement") == [
        ("settled", Decimal("3.21"), 0)
    ]
    assert refusal(waive, home, restatement, "eve", "x").endswith("is settled: nothing of it is open")


def blocking(closed: Closed) -> list[str]:
    return [item.what for item in closed.blocked]


def test_a_month_is_closed_when_nothing_on_the_checklist_is_left(home: Path) -> None:
    """Pulls, blockers and drafts block; then it is sealed, once, and nothing in it is voided any more."""
    give(home, code="R-09", billing_entity_id="us", sentence="Whose?")
    found = blocking(close(home, OCTOBER, "eve"))
    assert sorted(found) == ["account unmapped", "drafts", "drafts", "drafts", "pull missing"]
    alter(home, "DELETE FROM reconciliation.given")
    pull_everything(home)
    issued(home)
    (entry,) = close(home, OCTOBER, "eve").entries
    rebuild(home)
    assert entry.content["totals"][0]["documents"] == 3
    assert ask(home, "SELECT status, closed_by FROM billing.period WHERE month = ?", OCTOBER) == [
        ("Closed", "eve")
    ]
    assert refusal(close, home, OCTOBER, "eve") == "2026-10 is closed already"
    assert refusal(void, home, "US-2026-000001", "cy", "x") == (
        "US-2026-000001 cannot be voided, 2026-10 is closed: credit it, or reopen 2026-10"
    )
    assert credit(home, "US-2026-000001", "cy", "dan", "late").kind is Kind.CREDIT


def test_a_closed_month_is_reopened_by_two_persons(home: Path) -> None:
    """Then it is open, and can be closed again."""
    pull_everything(home)
    issued(home)
    assert refusal(reopen, home, OCTOBER, "eve", "fay", "x") == "2026-10 is not closed"
    close(home, OCTOBER, "eve")
    rebuild(home)
    assert refusal(reopen, home, OCTOBER, "eve", "EVE", "x") == (
        "eve wants 2026-10 reopened, so somebody else must approve it"
    )
    (entry,) = reopen(home, OCTOBER, "eve", "fay", "forgot a file")
    rebuild(home)
    assert entry.content["approved_by"] == "fay"
    assert ask(home, "SELECT status FROM billing.period WHERE month = ?", OCTOBER) == [("Open",)]
    void(home, "US-2026-000001", "cy", "x")
    rebuild(home)
    assert blocking(close(home, OCTOBER, "eve")) == ["drafts"]


def test_what_has_nowhere_to_be_booked_blocks(home: Path) -> None:
    """A difference that no landed month can take must be waived, or wait for one."""
    pull_everything(home)
    issued(home)
    issued(home, NOVEMBER)
    charge_more(home, OCTOBER, "acme", "3.21")
    assert blocking(close(home, OCTOBER, "eve")) == ["restatement open"]
    ((restatement,),) = ask(home, "SELECT restatement_id FROM billing.restatement")
    waive(home, restatement, "eve", "small")
    rebuild(home)
    assert len(close(home, OCTOBER, "eve").entries) == 1


def test_a_broken_register_closes_nothing(home: Path) -> None:
    """The chain is on the checklist."""
    prepared(home)
    path = Register(home).path
    path.write_bytes(path.read_bytes().replace(b"Ann", b"Eve"))
    with pytest.raises(RegisterBroken, match="entry 1 "):
        close(home, OCTOBER, "eve")
