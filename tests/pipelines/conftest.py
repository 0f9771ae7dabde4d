"""Nights of the real jobs against the sandbox, on a home of their own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pytest
import stamina

from connectors.clock import VARIABLE
from connectors.sandbox.reference import write_reference
from connectors.sandbox.server import Sandbox
from connectors.stream import Stream
from connectors.vendor import vendors
from pipelines.nights import NightReport, run_night
from pipelines.settings import load_settings
from warehouse.landing import Landing

CUSTOMERS = 12


@dataclass
class House:
    """One installation: a sandbox that answers, a data directory, and Dagster's records."""

    sandbox: Sandbox
    home: Path
    records: dg.DagsterInstance
    monkeypatch: pytest.MonkeyPatch

    def night(self, day: date, *, vendor: str | None = None, stream: str | None = None) -> NightReport:
        """Run the night of `day`, at two o'clock after it."""
        self.set_now(datetime.combine(day + timedelta(days=1), time(2)))
        return run_night(self.records, day, self.streams(vendor, stream))

    @staticmethod
    def streams(vendor: str | None = None, stream: str | None = None) -> list[Stream]:
        """Every stream, or those of a vendor or a name."""
        known = [one for each in vendors().values() if each.asked for one in each.streams]
        return [one for one in known if vendor in (None, one.vendor) and stream in (None, one.name)]

    def set_now(self, now: datetime) -> None:
        """Move the clocks of both sides, UTC."""
        instant = f"{now.isoformat()}+00:00"
        self.monkeypatch.setenv(VARIABLE, instant)
        self.sandbox.set_now(instant)

    def rows(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Ask the published warehouse, as an analyst would."""
        with duckdb.connect(str(self.home / "warehouse.duckdb"), read_only=True) as connection:
            return connection.execute(sql, list(parameters)).fetchall()

    def staged(
        self, day: date, vendor: str | None = None
    ) -> dict[tuple[str, ...], tuple[Decimal, str, bool]]:
        """Staged readings of a day by what they are readings of."""
        rows = self.rows(
            "SELECT vendor, account_id, resource_id, product, meter, quantity, unit, is_trial"
            " FROM staging.usage_snapshot WHERE usage_date = ?",
            day,
        )
        found = {row[:5]: row[5:] for row in rows if vendor in (None, row[0])}
        assert len(found) == sum(vendor in (None, row[0]) for row in rows), "a reading is staged twice"
        return found

    def truth(self, day: date, vendor: str | None = None) -> dict[tuple[str, ...], tuple[Decimal, str, bool]]:
        """What the sandbox knows of the same day."""
        return {
            (r.vendor, r.account_id, r.resource_id, r.product, r.meter): (
                Decimal(r.quantity),
                r.unit,
                r.is_trial,
            )
            for r in self.sandbox.world.truth(day)
            if vendor in (None, r.vendor)
        }

    @property
    def landing(self) -> Landing:
        """Its raw folder."""
        return Landing(self.home / "raw")


@pytest.fixture(autouse=True)
def impatient() -> Iterator[None]:
    """Retries as many as in life, without the waits between them."""
    with stamina.set_testing(True, attempts=5, cap=True):
        yield


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    """The stand-in vendors, one world for the whole session."""
    with Sandbox(customers=CUSTOMERS) as running:
        yield running


@pytest.fixture
def house(sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """A fresh installation whose vendors are the sandbox."""
    for name, value in {
        **sandbox.environment(tmp_path),
        "BACKUP_BILLING_HOME": str(tmp_path / "data"),
        "BACKUP_BILLING_REFERENCE": str(tmp_path / "reference"),
    }.items():
        monkeypatch.setenv(name, value)
    write_reference(sandbox.world, tmp_path / "reference")
    sandbox.faults.clear()
    with dg.instance_for_test() as records:
        yield House(sandbox, load_settings().home, records, monkeypatch)
    sandbox.faults.clear()
