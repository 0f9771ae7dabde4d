"""Discrepancies that the sandbox serves, on the command line and found in a night over HTTP."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import dagster as dg
import pytest
from typer.testing import CliRunner, Result

from connectors.sandbox.plants.registry import plants, served
from connectors.sandbox.server import Sandbox
from pipelines import cli
from tests.pipelines.conftest import House, furnished

OCTOBER = date(2026, 10, 1)


def test_every_discrepancy_that_is_served_can_be_seen_in_a_real_night(
    records: dg.DagsterInstance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No stream fails for them, what is staged is what the planted world knows, and their money is found."""
    night = date(2026, 10, 20)
    with (
        Sandbox(customers=12, plants=served(["all"], OCTOBER)) as sandbox,
        furnished(sandbox, records, tmp_path, monkeypatch) as house,
    ):
        assert house.night(night).failures == []
        assert house.staged(night) == house.truth(night)
        found = house.rows("SELECT code, direction, amount_at_risk, currency FROM reconciliation.finding")
    # A single night is enough for some of them.
    assert {"R-08", "R-09", "R-10", "R-12", "R-18", "R-25", "R-54", "R-56"} <= {code for code, *_ in found}
    assert ("R-09", "leak", Decimal("15.0000"), "EUR") in found


def test_the_plants_are_listed_with_their_checks(house: House) -> None:
    """Each kind is a line with its vendor, its code and what it is."""
    house.set_now(datetime(2026, 11, 3, 2))
    result = run("plants")
    assert result.exit_code == 0, result.output
    lines = {line.split()[0]: line for line in result.output.splitlines()[1:] if not line.startswith(" ")}
    assert lines.keys() == plants(OCTOBER).keys()
    assert all(plant.code in lines[kind] for kind, plant in plants(OCTOBER).items())


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("lost-money", "no plant is of the kind lost-money: `backup-billing sandbox plants` lists them"),
        ("net-of-other-lines", "net-of-other-lines is made in our own books, which no vendor serves"),
    ],
)
def test_what_cannot_be_served_is_refused(house: House, kind: str, says: str) -> None:
    """Before anything is served."""
    house.set_now(datetime(2026, 11, 3, 2))
    result = run("serve", "--plant", kind)
    assert result.exit_code == 2
    assert says in result.stderr


def test_all_is_every_plant_that_can_be_served() -> None:
    """Those of the books are left out."""
    every = plants(OCTOBER)
    assert {plant.kind for plant in served(["all"], OCTOBER)} == {
        kind for kind, plant in every.items() if plant.is_served and not plant.alone
    }


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli.app, ["sandbox", *arguments])
