"""The proof of reconciliation: what is planted in a world is found, and nothing else is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable

import pytest

from connectors.sandbox.plants.plant import Plant
from connectors.sandbox.plants.registry import plants
from tests.reconciliation.planted import MONTH, Found, Warehouse, findings, follows

PLANTS = plants(MONTH)
TOGETHER = [plant for plant in PLANTS.values() if not plant.alone]


@pytest.fixture(scope="module")
def warehouse() -> Warehouse:
    """A world of forty customers, billed."""
    return Warehouse(40)


@pytest.mark.parametrize("plant", PLANTS.values(), ids=list(PLANTS))
def test_each_discrepancy_is_found_by_its_check(warehouse: Warehouse, plant: Plant) -> None:
    """With its direction and its amount to the cent, and nothing is found that does not follow from it."""
    with warehouse.planted(plant) as connection:
        assert_found(findings(connection), [plant])


def test_all_discrepancies_are_found_at_once(warehouse: Warehouse) -> None:
    """None hides another."""
    with warehouse.planted(*TOGETHER) as connection:
        assert_found(findings(connection), TOGETHER)


def test_there_are_forty_kinds_over_all_vendors_and_the_books() -> None:
    """Each with a check of its own code among what it must lead to."""
    assert len(PLANTS) >= 40
    vendors = {"infrascale", "redstor", "xopero", "resellerclub", "revirt365", ""}
    assert {plant.vendor for plant in PLANTS.values()} == vendors
    assert all(plant.code in {finding.code for finding in plant.findings} for plant in PLANTS.values())


def assert_found(found: Iterable[Found], planted: Collection[Plant]) -> None:
    """What was found is what was planted, each as often, and what follows from it."""
    expected = Counter(finding for plant in planted for finding in plant.findings)
    there = Counter(one.finding for one in found)
    missing = expected - there
    beside = {one.sentence: one.finding for one in found if one.finding in there - expected}
    assert not missing, beside
    assert {finding.code for finding in beside.values()} <= follows(planted), beside
