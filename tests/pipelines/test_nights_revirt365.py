"""Nights of ReVirt365 against its stand-in, by the contract file that the stand-in hands out."""

from __future__ import annotations

from datetime import date

import pytest

from connectors.revirt365.contract import Rows
from connectors.revirt365.contract_file import read_contract
from pipelines.settings import load_settings
from tests.pipelines.conftest import House

DAY = date(2026, 10, 15)


def seats_field() -> str:
    """What the stand-in calls the figure that is billed."""
    contract = read_contract(load_settings().connections["revirt365"][0].contract)
    assert isinstance(contract.streams.usage, Rows)
    return contract.streams.usage.fields["active_seats"].source


@pytest.mark.parametrize("fault", ["503_html", "429", "reset_mid_body", "truncated_body"])
def test_a_fault_that_passes_changes_no_reading(house: House, fault: str) -> None:
    """It is asked again, and the figures are the truth."""
    house.sandbox.faults.switch_on(fault, "revirt365", "*", times=2)
    assert house.pull(DAY, "revirt365", "usage").failures == ()
    house.build(DAY)
    assert house.staged(DAY) == house.truth(DAY, "revirt365")


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        ("503_html", "HTTP 503"),
        ("truncated_body", "without whole JSON"),
        ("error_in_200", "traceId"),
        ("answers_later", "callback"),
        ("empty_list", "the vendor's total is"),
        ("renamed_field", "is missing from every row"),
    ],
)
def test_a_fault_that_stays_lands_nothing(house: House, fault: str, says: str) -> None:
    """No figure is better than a wrong one; the reason is a sentence."""
    how = {"field": seats_field()} if fault == "renamed_field" else {}
    house.sandbox.faults.switch_on(fault, "revirt365", "*", **how)
    (failure,) = house.pull(DAY, "revirt365", "usage").failures
    assert failure.sentence.startswith(f"revirt365/usage {DAY}: ")
    assert says in failure.sentence
    assert not list(house.landing.current([DAY]))


def test_a_figure_that_is_none_is_quarantined(house: House) -> None:
    """The others are the truth, and the row is kept with its reason."""
    house.sandbox.faults.switch_on("wrong_type", "revirt365", "*", field=seats_field())
    assert house.pull(DAY, "revirt365", "usage").failures == ()
    house.build(DAY)
    staged, truth = house.staged(DAY, "revirt365"), house.truth(DAY, "revirt365")
    assert staged.items() < truth.items()
    ((quarantined, reason),) = house.rows("SELECT count(*), min(reason) FROM ops.quarantine")
    assert quarantined
    assert seats_field().rpartition("/")[2] in reason
