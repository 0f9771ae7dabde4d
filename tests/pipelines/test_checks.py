"""What ops see of reconciliation: each check on the asset that it guards, and all of them on one."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import dagster as dg

from pipelines.definitions import defs
from pipelines.settings import load_settings
from tests.pipelines.conftest import House
from warehouse.reconciliation.catalogue import checks

DAY = date(2026, 10, 15)


def key_of(check: str) -> dg.AssetCheckKey:
    (guards,) = (one.guards for one in checks() if one.name == check)
    return dg.AssetCheckKey(dg.AssetKey(guards.split(".")), check)


def evaluated(house: House, check: str) -> dg.AssetCheckEvaluation:
    """What the last run said of a check."""
    (record,) = house.records.event_log_storage.get_asset_check_execution_history(key_of(check), limit=1)
    assert record.evaluation is not None
    return record.evaluation


def test_each_check_stands_on_the_asset_that_it_guards() -> None:
    """With what it looks for in words."""
    graph = defs.resolve_asset_graph()
    assert {key_of(check.name) for check in checks()} <= set(graph.asset_check_keys)


def test_a_night_says_what_does_not_add_up(house: House) -> None:
    """Usage of nobody fails its check as an error with the worst findings; the overview has the money."""
    mapping = Path(str(load_settings().reference)) / "account_mapping.csv"
    lines = mapping.read_text(encoding="utf-8").splitlines()
    known = {reading.account_id for reading in house.sandbox.world.truth(DAY) if reading.vendor == "redstor"}
    left_out = next(line for line in lines if line.startswith("redstor") and line.split(",")[2] in known)
    account = left_out.split(",")[2]
    mapping.write_text("\n".join(line for line in lines if line != left_out) + "\n", encoding="utf-8")
    assert house.night(DAY, vendor="redstor").failures == []
    failed = evaluated(house, "unmapped_account")
    assert not failed.passed
    assert failed.severity is dg.AssetCheckSeverity.ERROR
    assert failed.metadata["findings"].value == 1
    assert account in str(failed.metadata["worst"].value)
    assert evaluated(house, "reading_twice").passed
    event = house.records.get_latest_materialization_event(dg.AssetKey(["reconciliation", "finding"]))
    assert event is not None
    assert event.asset_materialization is not None
    overview = str(event.asset_materialization.metadata["overview"].value)
    ((amount,),) = house.rows(
        "SELECT CAST(amount_at_risk AS VARCHAR) FROM reconciliation.finding WHERE code = 'R-09'"
    )
    assert "| R-09 | account unmapped | 1 | 1 |" in overview
    assert amount.rstrip("0") in overview
    ((seen,),) = house.rows("SELECT count(*) FROM billing.register_entry WHERE kind = 'findings'")
    assert seen == 1
