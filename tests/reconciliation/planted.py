"""A warehouse in memory that billed the sandbox's world for three months, and what does not add up in it.

The two earlier months are issued, and the first of them is closed; the last is a draft.
"""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb

from connectors.sandbox.invoices import vendor_invoice
from connectors.sandbox.plants.plant import Finding, Plant
from connectors.sandbox.reference import write_reference
from connectors.sandbox.world import World
from tests.reconciliation.issued import forget, issue
from tests.reconciliation.staged_truth import Rows, stage, stage_again, stage_invoice, told
from warehouse.build import fill, make_schemas, make_tables
from warehouse.calendar import month_before, month_days, set_months
from warehouse.models import Model, models
from warehouse.reference.install import install

MONTH = date(2026, 10, 1)
MONTHS = [month_before(MONTH, 2), month_before(MONTH), MONTH]
FIRST = MONTHS[0]
DAYS = [day for month in MONTHS for day in month_days(month)]
EVERY_VENDOR = ("infrascale", "redstor", "xopero", "resellerclub", "revirt365")
DRAFTS = frozenset(f"billing.{name}" for name in ("correction", "draft_line", "draft_tax", "draft"))


@dataclass(frozen=True)
class Found:
    """A finding that reconciliation has, in the terms of the expected ones, and its sentence."""

    finding: Finding
    sentence: str


class Warehouse:
    """A world without discrepancies, billed once; plants are put in it and taken out again.

    Parameters:
        customers: of the world.

    Attributes:
        connection: its warehouse.
    """

    def __init__(self, customers: int) -> None:
        self._customers, self._told = customers, dict[str, Rows]()
        self.connection = duckdb.connect()
        self.connection.execute("SET TimeZone = 'UTC'; SET threads = 1")
        world = World(customers)
        make_schemas(self.connection)
        _install(self.connection, world)
        make_tables(self.connection)
        set_months(self.connection, MONTHS, DAYS[-1])
        stage(self.connection, world, DAYS, EVERY_VENDOR)
        _fill(self.connection, _billing())
        issue(self.connection, MONTHS[:2])
        _fill(self.connection, DRAFTS)

    @contextmanager
    def planted(self, *plants: Plant, brought: Collection[str] = ()) -> Iterator[duckdb.DuckDBPyConnection]:
        """The warehouse with these discrepancies, billed and reconciled.

        Parameters:
            brought: vendors whose invoice of the last month is there; of those that a plant changes it is.
        """
        self.connection.execute("BEGIN")
        try:
            self._plant(plants, brought)
            reconcile(self.connection)
            yield self.connection
        finally:
            self.connection.execute("ROLLBACK")

    def _plant(self, plants: Collection[Plant], brought: Collection[str]) -> None:
        early = [plant for plant in plants if not plant.late]
        if any(plant.touches or plant.reference or plant.landed for plant in early):
            self._tell(early, early)
            forget(self.connection)
            _fill(self.connection, _billing())
            issue(self.connection, MONTHS[:2])
        if late := [plant for plant in plants if plant.late]:
            self._tell(plants, late)
            _fill(self.connection, _billing())
        world = World(self._customers, plants=plants)
        for vendor in sorted({*brought, *(plant.vendor for plant in plants if plant.invoice)}):
            lines = vendor_invoice(world, vendor, MONTH, FIRST)
            stage_invoice(self.connection, vendor, MONTH, lines)
        for plant in plants:
            for statement in plant.books:
                self.connection.execute(statement)
        _fill(self.connection, DRAFTS)

    def _natural(self, names: Collection[str]) -> Rows:
        """What these vendors tell without any plant."""
        world = World(self._customers)
        for name in names:
            if name not in self._told:
                self._told[name] = told(world, DAYS, [name])
        return {key: rows for name in names for key, rows in self._told[name].items()}

    def _tell(self, known: Collection[Plant], new: Collection[Plant]) -> None:
        """Stage what the vendors tell with all the `known` plants, where the `new` ones change it."""
        world = World(self._customers, plants=known)
        if any(plant.reference for plant in new):
            _install(self.connection, world)
        if vendors := frozenset[str]().union(*(plant.touches for plant in new)):
            stage_again(self.connection, self._natural(vendors), told(world, DAYS, vendors), DAYS)
        for plant in new:
            for statement in plant.landed:
                self.connection.execute(statement)


def reconcile(connection: duckdb.DuckDBPyConnection) -> None:
    """Look for what does not add up in the three months."""
    _fill(connection, {model.name for model in models() if model.name.startswith("reconciliation.")})


def findings(connection: duckdb.DuckDBPyConnection) -> list[Found]:
    """All that was found, by code."""
    rows = connection.execute(
        "SELECT code, direction, month, CASE WHEN amount_known THEN amount_at_risk END, sentence "
        "FROM reconciliation.finding ORDER BY ALL"
    ).fetchall()
    return [
        Found(Finding(code, direction, month, _cents(amount)), sentence)
        for code, direction, month, amount, sentence in rows
    ]


def follows(plants: Collection[Plant]) -> set[str]:
    """Codes of findings that come because of these plants, beside those that must."""
    # What a vendor invoices and we leak stands in the three-way match as well, when there is an invoice.
    invoiced = len(plants) > 1 and any(plant.invoice for plant in plants)
    return {code for plant in plants for code in plant.also} | ({"R-34"} if invoiced else set())


def _cents(amount: Decimal | None) -> Decimal | None:
    return None if amount is None else amount.quantize(Decimal("0.01"))


def _billing() -> frozenset[str]:
    return frozenset(model.name for model in models() if model.name.startswith("billing."))


def _fill(connection: duckdb.DuckDBPyConnection, names: Collection[str]) -> None:
    for model in models():
        if model.name in names and model.selects:
            fill(connection, model, _days(model))


def _days(model: Model) -> list[date]:
    return MONTHS if model.is_monthly else DAYS


def _install(connection: duckdb.DuckDBPyConnection, world: World) -> None:
    with tempfile.TemporaryDirectory() as folder:
        write_reference(world, Path(folder))
        install(connection, Path(folder))
