"""From nothing to a bill, as `make run` does it."""

from __future__ import annotations

import os
import shutil
from datetime import date, datetime
from pathlib import Path

import dagster as dg
import pytest
from rich.console import Console

from pipelines import catch_up as module
from pipelines.catch_up import catch_up
from pipelines.settings import load_settings
from pipelines.stand_in import stand_in_if_needed
from tests.pipelines.conftest import House


@pytest.fixture
def printed(house: House, monkeypatch: pytest.MonkeyPatch) -> Console:
    """A console that remembers; the clock stands early in a month, so that few nights are due."""
    monkeypatch.setattr(module, "instance", lambda: house.records)
    house.set_now(datetime(2026, 10, 2, 2))
    due = module.nights_to_catch_up()
    assert (str(due[0]), str(due[-1])) == ("2026-09-01", "2026-10-01")
    monkeypatch.setattr(module, "nights_to_catch_up", lambda: due[-2:])
    return Console(record=True, width=200)


def test_it_pulls_what_is_missing_and_prints_the_invoices(house: House, printed: Console) -> None:
    """What the vendors can no longer tell is a finding, not a failure; the rest is billed. A second
    run asks the vendors only for what is still missing."""
    assert catch_up(load_settings(), printed) == []
    text = printed.export_text()
    assert "Draft invoices of September 2026" in text
    assert "Findings by check" in text
    assert str(house.home / "warehouse.duckdb") in text
    billed = house.rows("SELECT count(*) FROM billing.invoice WHERE month = DATE '2026-09-01'")
    assert billed[0][0] > 0

    assert "GetEntityAccounts" in {entry.operation for entry in house.sandbox.log}
    house.sandbox.log.clear()
    catch_up(load_settings(), printed)
    assert "GetEntityAccounts" not in {entry.operation for entry in house.sandbox.log}


def test_the_stand_in_leaves_its_prices_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is done later in the same data directory, as issuing, is done at the same prices."""
    for name in [name for name in os.environ if name.startswith("BACKUP_BILLING_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("BACKUP_BILLING_HOME", str(tmp_path))
    assert load_settings().reference is None
    with stand_in_if_needed(load_settings()) as (settings, _):
        assert settings.reference == tmp_path / "reference"
    assert load_settings().reference == tmp_path / "reference"


def test_nothing_made_up_is_put_beside_what_is_real(
    records: dg.DagsterInstance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files were imported, or the vendors' variables are missing for a moment."""
    for name in [name for name in os.environ if name.startswith("BACKUP_BILLING_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("BACKUP_BILLING_HOME", str(tmp_path))
    (tmp_path / "raw").mkdir()
    with stand_in_if_needed(settings := load_settings()) as (found, stand_in):
        assert (found, stand_in) == (settings, None)
    monkeypatch.setattr(module, "nights_to_catch_up", lambda: [date(2026, 9, 30)])
    monkeypatch.setattr(module, "instance", lambda: records)
    told = Console(record=True, width=200)
    assert catch_up(settings, told) == []
    assert "No vendor is configured, so none is asked" in told.export_text()
    assert [path.name for path in tmp_path.iterdir()] == ["raw"]


def test_a_first_build_that_fails_is_told(
    house: House, printed: Console, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is no bill to print then, and the reasons are not lost."""
    broken = tmp_path / "broken"
    shutil.copytree(os.environ["BACKUP_BILLING_REFERENCE"], broken)
    (broken / "rate.csv").write_text("rate_card\n")
    monkeypatch.setenv("BACKUP_BILLING_REFERENCE", str(broken))
    failures = catch_up(load_settings(), printed)
    assert {line.partition(" warehouse: ")[2].partition(" ")[0] for line in failures} == {"rate.csv"}
    assert not (house.home / "warehouse.duckdb").exists()
