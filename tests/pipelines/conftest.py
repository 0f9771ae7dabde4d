"""Nights of the real jobs against the sandbox, on a home of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from time import monotonic, sleep
from types import MappingProxyType
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
from pipelines.runs import RunReport, run_job
from pipelines.settings import load_settings
from warehouse.build import build_days
from warehouse.landing import Landing

CUSTOMERS = 12
PATIENCE = 500  # seconds; only what hangs takes them, on however busy a machine
NIGHTS = [
    date(2026, 9, 30),
    date(2026, 10, 1),  # a new month
    date(2026, 10, 14),
    date(2026, 10, 15),  # accounts move on the 15th, trials end on the 16th
    date(2026, 10, 16),
]


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

    def pull(self, day: date, vendor: str, stream: str | None = None) -> RunReport:
        """Run only the vendor's part of a night; the warehouse stays as it is."""
        self.set_now(datetime.combine(day + timedelta(days=1), time(2)))
        assets = [dg.AssetKey([one.vendor, one.name]) for one in self.streams(vendor, stream)]
        return run_job(self.records, f"{vendor}_nightly", day, assets=assets)

    def build(self, day: date) -> None:
        """What the warehouse's part of a night does, without a run."""
        build_days(self.home, load_settings().reference, [day])

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


def wait_for(what: str, reached: Callable[[], object]) -> None:
    """Look until it is so; fail when it has not come within `PATIENCE`."""
    deadline = monotonic() + PATIENCE
    while not reached():
        assert monotonic() < deadline, f"{what} did not come within {PATIENCE} seconds"
        sleep(0.002)


def tables(home: Path, but: Mapping[str, str] = MappingProxyType({})) -> dict[str, list[tuple[Any, ...]]]:
    """Every table of a published warehouse, ordered; `but` says `EXCLUDE (column)` of tables."""
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as connection:
        names = connection.execute(
            "SELECT table_schema || '.' || table_name FROM information_schema.tables"
            " WHERE table_type = 'BASE TABLE'"
        ).fetchall()
        return {
            name: connection.execute(f"SELECT * {but.get(name, '')} FROM {name} ORDER BY ALL").fetchall()
            for (name,) in names
        }


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


@contextmanager
def records_in(directory: Path) -> Iterator[dg.DagsterInstance]:
    """Dagster's records, kept as the project's dagster.yaml has them kept, but there."""
    config = {"base_dir": str(directory / "storage")}
    storage = {"custom": {"module": "pipelines.records", "class": "OpenRecords", "config": config}}
    with dg.instance_for_test(
        overrides={"storage": storage}, temp_dir=str(directory), set_dagster_home=False
    ) as instance:
        yield instance


@pytest.fixture(scope="session")
def records(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dg.DagsterInstance]:
    """The records of every house: each reads only of its own runs."""
    with records_in(tmp_path_factory.mktemp("records")) as instance:
        yield instance


@contextmanager
def furnished(
    sandbox: Sandbox, records: dg.DagsterInstance, directory: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[House]:
    """A fresh installation in `directory` whose vendors are the sandbox."""
    for name, value in {
        **sandbox.environment(directory),
        "BACKUP_BILLING_HOME": str(directory / "data"),
        "BACKUP_BILLING_REFERENCE": str(directory / "reference"),
        "DAGSTER_HOME": records.root_directory,
    }.items():
        monkeypatch.setenv(name, value)
    write_reference(sandbox.world, directory / "reference")
    sandbox.faults.clear()
    yield House(sandbox, load_settings().home, records, monkeypatch)
    sandbox.faults.clear()


@pytest.fixture
def house(
    sandbox: Sandbox, records: dg.DagsterInstance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[House]:
    """An installation of the test's own."""
    with furnished(sandbox, records, tmp_path, monkeypatch) as house:
        yield house


@pytest.fixture(scope="module")
def lived_in(
    sandbox: Sandbox, records: dg.DagsterInstance, tmp_path_factory: pytest.TempPathFactory
) -> House:
    """The nights of `NIGHTS`, of all vendors and without a fault: for tests that only ask the warehouse."""
    with (
        pytest.MonkeyPatch.context() as monkeypatch,
        furnished(sandbox, records, tmp_path_factory.mktemp("lived-in"), monkeypatch) as house,
    ):
        for day in NIGHTS:
            assert house.night(day).failures == []
        return house
