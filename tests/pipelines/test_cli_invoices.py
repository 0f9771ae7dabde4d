"""The life of an invoice by hand: what each command prints, and how it ends."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from connectors.clock import VARIABLE
from pipelines import cli_changes
from pipelines.cli import app

sys.path.append(str(Path(__file__).parents[1] / "warehouse"))


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Drafts of three customers."""
    from registered import publish_books

    publish_books(home := tmp_path_factory.mktemp("published"))
    return home


@pytest.fixture
def home(published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of them; a build makes them anew instead of reading what was landed."""
    from registered import rebuild

    monkeypatch.setenv(VARIABLE, "2026-12-01T09:00:00Z")
    monkeypatch.setenv("BACKUP_BILLING_HOME", str(tmp_path))
    monkeypatch.setattr(cli_changes, "bring_up_to_date", lambda _: rebuild(tmp_path))
    return Path(shutil.copytree(published, tmp_path, dirs_exist_ok=True))


def run(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def said(*words: str, code: int = 0) -> list[str]:
    """The lines of a command that ends with `code`, in any order of output and error."""
    result = run(*words)
    assert result.exit_code == code, result.output
    return result.output.splitlines()


def test_an_invoice_from_draft_to_credit_note(home: Path) -> None:
    """Review, issue, credit, void, and the list and the document afterwards."""
    assert said("prepare", "2026-10", "--by", "Ann") == ["2026-10: 3 drafts reviewed by Ann"]
    assert said("issue", "2026-10", "--by", "ann", code=1)[0] == (
        "acme (us, EUR): ann has reviewed it, so somebody else must issue it"
    )
    assert said("issue", "2026-10", "--by", "Bob", "--customer", "acme", "--customer", "bolt") == [
        "US-2026-000001  acme  39.75 EUR",
        "US-2026-000002  bolt  49.68 EUR",
    ]
    who = ("--by", "cy", "--approved-by", "dan", "--reason", "late")
    assert said("credit", "US-2026-000001", *who, "--line", "1=2", "--line", "1=0.5", code=2) == [
        "--line names a line twice: give the whole of what is credited of it once"
    ]
    assert said("credit", "US-2026-000001", *who, "--line", "1=2.50", "--line", "3") == [
        "US-2026-000003  -11.60 EUR  for US-2026-000001"
    ]
    assert said("void", "US-2026-000002", "--by", "cy", "--reason", "address") == ["US-2026-000002 is void"]
    listed = "\n".join(said("invoices", "2026-10"))
    assert all(word in listed for word in ("US-2026-000003", "voided", "credit_note", "review"))
    shown = "\n".join(said("show", "US-2026-000001"))
    assert all(word in shown for word in ("Invoice US-2026-000001", "Credited", "39.75", "VAT 21 %"))
    assert "VOID" in "\n".join(said("show", "US-2026-000002"))


def test_a_command_that_was_stopped_before_the_tables_followed(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next one brings them up to date first."""
    with monkeypatch.context() as patch:
        patch.setattr(cli_changes, "bring_up_to_date", lambda _: None)
        said("prepare", "2026-10", "--by", "Ann")
    assert len(said("issue", "2026-10", "--by", "Bob")) == 3
    assert said("issue", "2026-10", "--by", "Bob") == ["nothing is left to issue of 2026-10"]


def test_a_month_is_closed_and_reopened(home: Path) -> None:
    """What blocks is printed line by line; a waived restatement does not."""
    from registered import OCTOBER, ask, charge_more, pull_everything

    said("prepare", "2026-10", "--by", "Ann")
    assert {line.split(":")[0] for line in said("close", "2026-10", "--by", "eve", code=1)} == {
        "pull missing",
        "drafts",
    }
    said("issue", "2026-10", "--by", "Bob")
    pull_everything(home)
    charge_more(home, OCTOBER, "acme", "3.21")
    assert "booked" in "\n".join(said("restatements", "2026-10"))
    ((restatement,),) = ask(home, "SELECT left(restatement_id, 8) FROM billing.restatement")
    assert said("waive", restatement, "--by", "eve", "--reason", "small") == [
        "waived 3.21 EUR of 2026-10, acme"
    ]
    assert said("close", "2026-10", "--by", "eve")[0].startswith("us 2026-10 is closed: entry ")
    who = ("--by", "eve", "--approved-by", "fay", "--reason", "forgot")
    assert said("reopen", "2026-10", *who) == ["us 2026-10 is open again"]


@pytest.mark.parametrize(
    ("words", "code", "line"),
    [
        (("issue", "2026-13", "--by", "x"), 2, "'2026-13' is not a month; for example 2026-10"),
        (("show", "US-1"), 1, "US-1 is no number of an issued document"),
        (("void", "US-1", "--by", "x", "--reason", "y"), 1, "US-1 is no number of an issued document"),
        (
            ("waive", "zz", "--by", "x", "--reason", "y"),
            1,
            "'zz' names no restatement, there is none: see restatements",
        ),
        (
            ("credit", "US-1", "--by", "x", "--approved-by", "y", "--reason", "z", "--line", "a"),
            2,
            "--line is 'a', not",
        ),
        (
            ("credit", "US-1", "--by", "x", "--approved-by", "y", "--reason", "z", "--amount", "1e"),
            2,
            "--amount is '1e'",
        ),
    ],
)
def test_what_cannot_be_done_is_one_line(home: Path, words: tuple[str, ...], code: int, line: str) -> None:
    """Status 2 for bad usage, 1 for what the register or the tables refuse."""
    (sentence,) = said(*words, code=code)
    assert sentence.startswith(line)


def test_a_register_that_was_changed_ends_every_command(home: Path) -> None:
    """The first entry that is not what was written is named, and nothing is added."""
    said("prepare", "2026-10", "--by", "Ann")
    path = home / "register" / "register.sqlite"
    path.write_bytes(path.read_bytes().replace(b"Ann", b"Eve"))
    (sentence,) = said("issue", "2026-10", "--by", "Bob", code=1)
    assert "entry 1 (review" in sentence
