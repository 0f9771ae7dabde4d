"""What does not add up, by hand: found, taken on, let pass, and the month closed over it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from connectors.clock import VARIABLE
from pipelines import cli_changes, cli_findings
from pipelines.cli import app
from warehouse import publish
from warehouse.build import FILE
from warehouse.reconciliation import sightings
from warehouse.register import Kind, Register

sys.path.append(str(Path(__file__).parents[1] / "warehouse"))
UNMAPPED = {
    "code": "R-09",
    "vendor": "acme",
    "account_id": "a7",
    "currency": "EUR",
    "amount": "12.34",
    "sentence": "acme account a7 belongs to no customer: add it to account_mapping.",
}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Issued invoices of October and every pull; a build looks again at what a test gives."""
    from registered import give, publish_books, pull_everything, rebuild

    def follow(_: object) -> None:
        rebuild(tmp_path)
        with publish.rewrite(tmp_path / FILE) as connection:
            sightings.record(connection, tmp_path)

    monkeypatch.setenv(VARIABLE, "2026-12-01T09:00:00Z")
    monkeypatch.setenv("BACKUP_BILLING_HOME", str(tmp_path))
    for module in (cli_changes, cli_findings):
        monkeypatch.setattr(module, "bring_up_to_date", follow)
    publish_books(tmp_path)
    pull_everything(tmp_path)
    said("prepare", "2026-10", "--by", "Ann")
    said("issue", "2026-10", "--by", "Bob")
    give(tmp_path, **UNMAPPED)
    return tmp_path


def said(*words: str, code: int = 0) -> list[str]:
    """The lines of a command that ends with `code`."""
    result = CliRunner().invoke(app, list(words))
    assert result.exit_code == code, result.output
    return result.output.splitlines()


def the_finding(*words: str) -> str:
    """The beginning of the only listed finding's fingerprint."""
    (row,) = [line for line in said("findings", "list", *words) if "R-09" in line]
    return row.split("│")[1].strip()


def test_a_blocking_finding_is_found_taken_on_and_let_pass(home: Path) -> None:
    """It stops the close with its sentence until somebody waives it; all of it is on record."""
    assert any("R-09" in line and "12.34" in line for line in said("reconcile", code=1))
    assert said("close", "2026-10", "--by", "eve", code=1) == [f"account unmapped: {UNMAPPED['sentence']}"]
    finding = the_finding("--month", "2026-10")
    assert said("findings", "ack", finding, "--by", "eve", "--owner", "Fay") == [f"Fay sees to {finding}"]
    assert the_finding("--state", "acknowledged") == finding
    shown = "\n".join(said("findings", "show", finding))
    assert all(word in shown for word in ("owner", "Fay", "12.3400", "a7", "leak"))
    said("close", "2026-10", "--by", "eve", code=1)
    how = ("--by", "gus", "--until", "2026-12-31", "--reason", "they leave in January")
    assert said("findings", "waive", finding, *how) == [
        f"{finding} may pass until 2026-12-31, up to 12.34 EUR"
    ]
    assert said("reconcile") == ["Everything adds up."]
    assert said("findings", "list") == ["No findings."]
    assert the_finding("--state", "waived") == finding
    assert said("close", "2026-10", "--by", "eve")[0].startswith("us 2026-10 is closed")
    (entry,) = [entry for entry in Register(home).entries() if entry.kind is Kind.WAIVE_FINDING]
    assert (entry.by_person, entry.content["reason"], entry.content["amount_at_risk"]) == (
        "gus",
        "they leave in January",
        "12.3400",
    )


def test_a_waiver_does_not_cover_more(home: Path) -> None:
    """A finding that grows blocks again."""
    from registered import alter

    said("reconcile", code=1)
    finding = the_finding()
    said("findings", "waive", finding, "--by", "gus", "--until", "2026-12-31", "--reason", "small")
    alter(home, "UPDATE reconciliation.given SET amount = amount + 0.01")
    assert any("12.35" in line for line in said("reconcile", code=1))
    assert the_finding("--state", "reopened") == finding
    alter(home, "DELETE FROM reconciliation.given")
    said("reconcile")
    assert the_finding("--state", "fixed") == finding
    (refusal,) = said("findings", "ack", finding, "--by", "eve", code=1)
    assert refusal == f"finding {sentence_of(home, finding)} is gone since 2026-12-01"


def sentence_of(home: Path, finding: str) -> str:
    """The whole fingerprint."""
    with publish.read(home / FILE) as connection:
        ((whole,),) = connection.execute(
            "SELECT fingerprint FROM reconciliation.finding_state WHERE starts_with(fingerprint, ?)",
            [finding],
        ).fetchall()
    return str(whole)


@pytest.mark.parametrize(
    ("words", "code", "line"),
    [
        (("show", "zz"), 1, "'zz' names no findings: see findings list"),
        (("ack", "zz", "--by", "eve"), 1, "'zz' names no finding, there is none: see findings list"),
        (("ack", "zz", "--by", " "), 1, "--by must name the person who does this"),
        (("list", "--state", "gone"), 2, "--state is 'gone'; there are open, reopened"),
        (("list", "--month", "2026-13"), 2, "'2026-13' is not a month; for example 2026-10"),
        (
            ("waive", "zz", "--by", "eve", "--until", "soon", "--reason", "x"),
            2,
            "--until is 'soon', not a date; for example 2026-12-31",
        ),
        (
            ("waive", "FINDING", "--by", "eve", "--until", "2026-11-30", "--reason", "x"),
            1,
            "--until 2026-11-30 has passed: a waiver is for days to come",
        ),
        (
            ("waive", "FINDING", "--by", "eve", "--until", "2026-12-30", "--reason", ""),
            1,
            "--reason must say why",
        ),
    ],
)
def test_what_cannot_be_done_is_one_line(home: Path, words: tuple[str, ...], code: int, line: str) -> None:
    """And nothing is written to the register."""
    said("reconcile", code=1)
    before = Register(home).head()
    finding = the_finding()
    (sentence,) = said("findings", *(finding if word == "FINDING" else word for word in words), code=code)
    assert sentence.startswith(line)
    assert Register(home).head() == before
