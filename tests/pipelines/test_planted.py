"""Discrepancies that the sandbox serves, on the command line and found in a night over HTTP."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from connectors.sandbox.plants.registry import plants, served
from connectors.sandbox.server import Sandbox
from pipelines import cli
from tests.pipelines.conftest import House, furnished

OCTOBER = date(2026, 10, 1)


def test_a_planted_discrepancy_is_found_in_a_real_night(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twelve computers of nobody, told over SOAP, are a finding with their money."""
    planted = served(["unmapped-account"], OCTOBER)
    with (
        Sandbox(customers=12, plants=planted) as sandbox,
        furnished(sandbox, tmp_path, monkeypatch) as house,
    ):
        assert house.night(date(2026, 10, 5)).failures == []
        found = house.rows(
            "SELECT direction, amount_at_risk, currency FROM reconciliation.finding WHERE code = 'R-09'"
        )
    assert found == [("leak", Decimal("15.0000"), "EUR")]


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
