"""The command line as people use it: what it prints, and how it refuses."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime

import pytest
import typer
from typer.testing import CliRunner, Result

from connectors.clock import VARIABLE
from pipelines import cli, runs
from pipelines.printing import table_of
from pipelines.settings import load_settings
from pipelines.terminal import err, out, refuse
from tests.pipelines.conftest import House
from warehouse.query import Answer

DAY = date(2026, 10, 15)


@pytest.fixture
def command(house: House, monkeypatch: pytest.MonkeyPatch):
    """Runs `backup-billing` in this process, on the records of the house."""
    monkeypatch.setattr(runs, "instance", lambda: house.records)
    house.set_now(datetime(2026, 10, 16, 2))

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(cli.app, arguments)

    return run


def test_nightly_takes_yesterday_and_says_how_it_went(command) -> None:
    """A line for each vendor and one for the warehouse."""
    result = command("nightly")
    assert result.exit_code == 0, result.output
    active = [name for name, connections in load_settings().connections.items() if connections]
    assert result.output.splitlines() == [
        *(f"2026-10-15 {name}: ok" for name in active),
        "2026-10-15 warehouse: published",
    ]


def test_nightly_names_what_failed_and_exits_with_one(command, house: House) -> None:
    """The sentence of the failure is on standard error."""
    house.sandbox.faults.switch_on("503_html", "redstor", "*products*")
    result = command("nightly", "--vendor", "redstor", "--stream", "products")
    assert result.exit_code == 1
    assert "2026-10-15 redstor/products: redstor/products 2026-10-15: " in result.stderr
    assert "HTTP 503" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nightly", "--date", "yesterday"], "--date is 'yesterday', not a date; for example 2026-10-31"),
        (["nightly", "--date", "2026-10-16"], "not a day between 2024-01-01 and yesterday, 2026-10-15"),
        (["nightly", "--vendor", "acronis"], "--vendor is 'acronis'; there are "),
        (["nightly", "--stream", "invoices"], "--stream is 'invoices', no stream of any vendor"),
        (["query", "SELECT 1"], "there is no warehouse"),
        (["reconcile", "--month", "2023-10"], "2023-10 is before 2024-01-01, the first day that anything"),
    ],
)
def test_bad_input_gets_one_clear_line_and_exit_status_two(command, arguments: list[str], says: str) -> None:
    """What, where and how to mend it; nothing is run."""
    result = command(*arguments)
    assert result.exit_code == 2
    assert says in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_without_a_vendor_nightly_says_what_to_set(command, house: House) -> None:
    """Nothing is pulled, and nothing is invented."""
    for name in ("INFRASCALE_BASE_URL", "INFRASCALE_USERNAME", "INFRASCALE_PASSWORD"):
        house.monkeypatch.delenv(name)
    result = command("nightly", "--vendor", "infrascale")
    assert result.exit_code == 2
    assert "infrascale is not configured" in result.stderr


def test_doctor_has_a_line_for_each_thing_that_must_be_well(command) -> None:
    """Data directory, reference, and each connection with what it sees."""
    result = command("doctor")
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    active = [name for name, connections in load_settings().connections.items() if connections]
    assert [line.split(":")[0] for line in lines] == [
        "data directory",
        "reference",
        *(f"{name} default" for name in active),
    ]
    assert all(": ok, " in line for line in lines)


def test_doctor_names_refused_credentials(command, house: House) -> None:
    """One vendor's trouble is one line, without the password."""
    house.monkeypatch.setenv("INFRASCALE_PASSWORD", "not-the-password")
    result = command("doctor")
    assert result.exit_code == 1
    (line,) = [line for line in result.output.splitlines() if line.startswith("infrascale")]
    assert "InvalidSoapCredentials" in line
    assert "not-the-password" not in result.output


def test_query_prints_csv_into_a_pipe(command, house: House) -> None:
    """Decimals keep every digit."""
    for vendor, stream in (("infrascale", "accounts"), ("redstor", "consumption")):
        house.pull(DAY, vendor, stream)
    house.build(DAY)
    result = command(
        "query", "SELECT meter, sum(quantity) AS q FROM staging.usage_snapshot GROUP BY 1 ORDER BY 1"
    )
    assert result.exit_code == 0, result.output
    rows = list(csv.DictReader(io.StringIO(result.output)))
    assert {"used_bytes", "protected_bytes", "active_seats"} <= {row["meter"] for row in rows}
    assert all("e" not in row["q"] for row in rows)


def test_a_wrong_query_is_refused_in_one_line(command, house: House) -> None:
    """DuckDB's own words, without a traceback."""
    house.build(DAY)
    result = command("query", "SELECT nothing FROM nowhere")
    assert result.exit_code == 2
    assert "nowhere" in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert "there is no statement to run" in command("query", "").stderr


@pytest.mark.parametrize("words", [["bridge"], ["margin"], ["sandbox", "plants"], ["invoices"]])
def test_a_clock_that_is_none_is_refused_in_one_line(command, monkeypatch, words: list[str]) -> None:
    """By every command that needs to know the month."""
    monkeypatch.setenv(VARIABLE, "soon")
    result = command(*words)
    assert (result.exit_code, result.stdout) == (2, "")
    (line,) = result.stderr.splitlines()
    assert line.startswith(VARIABLE)


def test_words_in_square_brackets_are_shown_as_they_are() -> None:
    """They are names of customers, paths and units, and no markup."""
    told = Answer(("what",), (False,), [("Vault [fileserver] of [/srv/data]",)])
    with out.capture() as captured:
        out.print(table_of("[/x]", told))
    assert "Vault [fileserver] of [/srv/data]" in captured.get()
    with err.capture() as captured, pytest.raises(typer.Exit):
        refuse("unit [gib] is unknown [/x]")
    assert captured.get() == "unit [gib] is unknown [/x]\n"


def test_replay_rebuilds_lost_rows_without_asking_the_vendor(command, house: House) -> None:
    """The file comes back equal to the byte; the vendor is not asked."""
    house.pull(DAY, "infrascale", "accounts")
    (rows,) = house.home.rglob("*.rows.parquet")
    before = rows.read_bytes()
    rows.unlink()
    house.sandbox.log.clear()
    result = command("replay", "--date", "2026-10-15")
    assert result.exit_code == 0, result.output
    assert rows.read_bytes() == before
    assert not house.sandbox.log


def test_replay_finds_a_changed_byte(command, house: House) -> None:
    """A rows file that is not what the answers give is named."""
    house.pull(DAY, "infrascale", "accounts")
    (rows,) = house.home.rglob("*.rows.parquet")
    changed = bytearray(rows.read_bytes())
    changed[len(changed) // 2] ^= 1
    rows.write_bytes(bytes(changed))
    result = command("replay")
    assert result.exit_code == 1
    assert rows.name in result.stderr
