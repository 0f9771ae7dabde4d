"""The commands that check what was issued, in this process."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from audited import TABLES_OF_THE_HOUSE, write_tables
from typer.testing import CliRunner, Result

from pipelines import cli

SOLO = "US-2026-000003"


@pytest.fixture
def command(issued_home: Path, monkeypatch: pytest.MonkeyPatch):
    """Runs `backup-billing` on the house."""
    monkeypatch.setenv("BACKUP_BILLING_HOME", str(issued_home))
    monkeypatch.delenv("BACKUP_BILLING_REFERENCE", raising=False)

    def run(*arguments: object) -> Result:
        return CliRunner().invoke(cli.app, [*map(str, arguments)])

    return run


def test_what_is_wrong_is_a_line_each_and_exit_status_1(command, issued_home: Path) -> None:
    """What is sound is said in a sentence."""
    result = command("verify", SOLO)
    assert (result.exit_code, "1 documents with 7 lines are to the cent" in result.output) == (0, True)
    rate = [dict(row) for row in TABLES_OF_THE_HOUSE["rate"]]
    rate[2]["unit_price"] = "2.5"
    write_tables(issued_home / "reference", rate=rate)
    result = command("verify", SOLO)
    assert result.exit_code == 1
    assert result.output.startswith(
        "rate.csv line 4, unit_price was 2 and is 2.5, but issued by what it was: "
    )
    assert command("verify", "US-2026-000099").exit_code == 1


def test_a_line_is_explained_to_people_and_machines(command) -> None:
    """Days, raw rows and the SHA-256 of answers on the screen; the same as JSON."""
    machine = command("explain", SOLO, "--json")
    answers = json.loads(machine.output)["answers"]
    people = command("explain", SOLO)
    assert people.exit_code == 0
    for text in ("Line 1", "not reported, repeats 2026-10-11", answers[0]["sha256"], "files/usage"):
        assert text in people.output
    assert command("explain", "nothing").exit_code == 1


def test_evidence_is_written_and_checked(command, tmp_path: Path) -> None:
    """And what is changed in it is named."""
    file = tmp_path / "solo.zip"
    assert command("evidence", SOLO, "--to", file).exit_code == 0
    result = command("verify-evidence", file)
    assert (result.exit_code, "7 lines are to the cent what its readings give" in result.output) == (0, True)
    content = bytearray(file.read_bytes())
    content[content.index(b"EVIDENCE FOR")] ^= 0x01
    file.write_bytes(content)
    result = command("verify-evidence", file)
    assert (result.exit_code, result.output) == (1, f"README.txt in {file} was changed\n")
    assert command("verify-evidence", tmp_path / "none.zip").exit_code == 1


def test_a_file_as_it_was_known_is_written_beside_the_warehouse(
    command, issued_home: Path, tmp_path: Path
) -> None:
    """Instant and file go together, and the published warehouse is none."""
    file = tmp_path / "then.duckdb"
    assert command("rebuild", "--as-known", "2026-10-15T00:00:00Z", "--to", file).exit_code == 0
    assert file.exists()
    for arguments in (
        ["--as-known", "2026-10-15T00:00:00Z"],
        ["--as-known", "yesterday", "--to", file],
        ["--as-known", "2026-10-15T00:00:00Z", "--to", issued_home / "warehouse.duckdb"],
    ):
        assert command("rebuild", *arguments).exit_code == 2
