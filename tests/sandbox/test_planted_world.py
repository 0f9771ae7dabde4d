"""Plants in the sandbox's world: who tells of them, from when on, and what the reference has of them."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from dotenv import dotenv_values

from connectors.sandbox.plants import registry
from connectors.sandbox.plants.plant import Plant
from connectors.sandbox.plants.prices import cost, in_euro, sell
from connectors.sandbox.plants.registry import plants, served
from connectors.sandbox.plants.subject import Subject
from connectors.sandbox.reference import reference_tables
from connectors.sandbox.server import Sandbox, serve
from connectors.sandbox.world import World

OCTOBER = date(2026, 10, 1)


@pytest.mark.parametrize(
    ("kind", "account"),
    [
        ("unmapped-account", str(Subject("unmapped-account").infrascale)),
        ("mapping-ran-out", Subject("mapping-ran-out").redstor),
    ],
)
def test_a_plant_adds_a_customer_and_leaves_the_others_alone(kind: str, account: str) -> None:
    """Everything that the world tells without it, it tells with it too."""
    told, untouched = World(9, plants=served([kind], OCTOBER)), World(9)
    more = {*told.truth(OCTOBER)} - {*untouched.truth(OCTOBER)}
    assert {reading.account_id for reading in more} == {account}
    assert {*untouched.truth(OCTOBER)} < {*told.truth(OCTOBER)}


def test_what_begins_with_the_month_is_not_told_before() -> None:
    """The account that nobody mapped appears on the first, with its backups."""
    world = World(9, plants=served(["unmapped-account"], OCTOBER))
    own = str(Subject("unmapped-account").infrascale)
    days = {day: world.truth_accounts(day) for day in (OCTOBER - timedelta(days=1), OCTOBER)}
    assert [any(row.account_id == own for row in rows) for rows in days.values()] == [False, True]
    assert [event.status for event in world.truth_events(OCTOBER) if event.account_id == own] == ["Ok", "Ok"]


def test_the_reference_has_the_customer_of_a_plant() -> None:
    """Its own row, and a mapping with the end that is wrong."""
    tables = reference_tables(World(9, plants=served(["mapping-ran-out"], OCTOBER)))
    own = [row for row in tables["account_mapping"] if row["customer_id"] == "P-mapping-ran-out"]
    assert [row["valid_to"] for row in own] == ["2026-10-01"]
    assert sum(row["customer_id"] == "P-mapping-ran-out" for row in tables["customer"]) == 1


def test_served_with_plants_it_writes_the_reference_that_goes_with_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The variables lead to it, so that a night finds the prices of the planted customers."""
    monkeypatch.setattr(Sandbox, "run", lambda sandbox: sandbox._socket.close())
    file = tmp_path / "sandbox.env"
    serve(customers=1, environment_file=file, plants=served(["mapping-ran-out"], OCTOBER))
    reference = dotenv_values(file)["BACKUP_BILLING_REFERENCE"]
    assert reference == str(tmp_path / "reference")
    assert "P-mapping-ran-out" in Path(reference, "customer.csv").read_text()


def test_every_customer_of_a_plant_has_ids_of_its_own() -> None:
    """They are drawn from the kind, and none is drawn twice."""
    numbers = [Subject(kind).number for kind in plants(OCTOBER)]
    assert len({*numbers}) == len(numbers)


def test_plants_move_with_the_month() -> None:
    """Whatever month is looked at, the same kinds are wrong in it."""
    june = date(2027, 6, 1)
    assert plants(june).keys() == plants(OCTOBER).keys()
    assert all(finding.month <= june for plant in plants(june).values() for finding in plant.findings)


def test_two_plants_of_one_kind_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A kind names one plant."""
    plant = Plant(kind="same", vendor="", code="R-01", meaning="The same.", findings=())
    monkeypatch.setattr(registry, "_topics", lambda: [lambda _: [plant, plant]])
    with pytest.raises(ValueError, match="two plants of the kind same"):
        plants(OCTOBER)


def test_prices_are_worked_out_by_the_tiers_of_the_lists() -> None:
    """Each tier for its part, all at the price of the volume, costs in the euro of their quarter."""
    assert sell("IF-STORAGE", 10_100, OCTOBER) == Decimal("493.1")
    assert sell("RS-M365", 200, OCTOBER) == Decimal(330)
    assert sell("RS-M365", 200, date(2026, 6, 30)) == Decimal(310)
    assert cost("redstor", "RS-MACHINE", 2, OCTOBER) == in_euro("redstor", Decimal("5.8"), OCTOBER)
    assert in_euro("infrascale", Decimal(100), OCTOBER) == Decimal("86.3793")
    with pytest.raises(ValueError, match="prices for each unit"):
        sell("IF-EXCHANGE", 1, OCTOBER)
