"""Law seven under fire: killed at any moment, or done by two at once, no number is lost or doubled."""

from __future__ import annotations

import multiprocessing
import shutil
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from invoiced import NOVEMBER, OCTOBER
from killing_register import ENDED, NOW, REFUSED, at_once, entries, kill
from registered import ask, charge_more, publish_books, pull_everything, rebuild

from connectors.clock import VARIABLE
from warehouse.invoicing.issue import issue
from warehouse.invoicing.prepare import prepare
from warehouse.register import DOCUMENTS, Register

FORKS = multiprocessing.get_context("forkserver")
PATIENCE = 400  # seconds, until what hangs is a failure
EACH = 34  # kills of each of six commands: over two hundred
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has ptrace(2)")


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """For each command a home in which it can be done."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, NOW)
        reviewed = tmp_path_factory.mktemp("homes") / "reviewed"
        publish_books(reviewed)
        pull_everything(reviewed)
        prepare(reviewed, OCTOBER, "Ann")
        rebuild(reviewed)
        issued = Path(shutil.copytree(reviewed, reviewed.with_name("issued")))
        issue(issued, OCTOBER, "Bob")
        rebuild(issued)
        changed = Path(shutil.copytree(issued, reviewed.with_name("changed")))
        charge_more(changed, OCTOBER, "acme", "3.21")
        prepare(changed, NOVEMBER, "Ann")
        rebuild(changed)
        ((restatement,),) = ask(changed, "SELECT restatement_id FROM billing.restatement")
        (changed / "restatement").write_text(restatement)
    return {
        "issue": reviewed,
        **dict.fromkeys(("void", "credit", "close"), issued),
        **dict.fromkeys(("restate", "waive"), changed),
    }


@pytest.fixture(autouse=True)
def _forks(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server that forks finds the module it imports beforehand."""
    monkeypatch.setenv("PYTHONPATH", f"{Path(__file__).parents[2]}:{Path(__file__).parent}")
    FORKS.set_forkserver_preload(["killing_register"])


def elsewhere(target: Callable[..., None], *values: object) -> Any:
    """What a function answers from a process that has nothing else in it."""
    ours, theirs = FORKS.Pipe()
    process = FORKS.Process(target=target, args=(*values, theirs))
    process.start()
    theirs.close()
    try:
        assert ours.poll(PATIENCE), f"{target.__name__} gave no answer within {PATIENCE} seconds"
        return ours.recv()
    finally:
        process.kill()
        process.join()


@pytest.mark.parametrize("command", ["issue", "void", "credit", "restate", "waive", "close"])
def test_killed_at_any_system_call_and_done_again_it_is_done_once(
    homes: dict[str, Path], command: str, tmp_path: Path
) -> None:
    """The chain holds, all of it is written or nothing, and done again it has the same bytes."""
    wrong, kills, written = elsewhere(kill, command, homes[command], tmp_path, EACH)
    assert wrong == []
    assert kills == EACH
    assert 0 < written < EACH  # killed before the commit, and behind it


@pytest.mark.parametrize("round_", range(5))
def test_two_that_issue_at_once_give_each_number_once(
    homes: dict[str, Path], round_: int, tmp_path: Path
) -> None:
    """One of them issues; the other finds that the tables do not know what it did."""
    home = Path(shutil.copytree(homes["issue"], tmp_path / "home"))
    assert sorted(elsewhere(at_once, "issue", 3, home)) == [ENDED, REFUSED, REFUSED]
    documents = [entry for entry in entries(home) if entry.kind in DOCUMENTS]
    assert [entry.subject for entry in documents] == [f"US-2026-00000{n}" for n in (1, 2, 3)]
    assert len({entry.refers_to for entry in documents}) == 3
    assert Register(home).verify().seq == 6


def test_those_that_credit_at_once_never_give_back_more_than_there_is(
    homes: dict[str, Path], tmp_path: Path
) -> None:
    """Eight times 5.00 of 34.83: six go through, each with a number of its own."""
    home = Path(shutil.copytree(homes["credit"], tmp_path / "home"))
    assert (
        sorted(elsewhere(at_once, "credit for a reason of its own", 8, home)) == [ENDED] * 6 + [REFUSED] * 2
    )
    notes = [entry for entry in entries(home) if entry.kind == "credit"]
    assert [entry.subject for entry in notes] == [f"US-2026-{n:06}" for n in range(4, 10)]
    assert sum(Decimal(entry.content["net"]) for entry in notes) == -30
    Register(home).verify()
