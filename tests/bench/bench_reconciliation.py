"""How much of what is planted is found, how much else, and how long all checks take for 2,000 customers.

Recall: of the findings that the plants must lead to, how many came, to the cent. Precision: of the findings
that came, how many were planted or follow from what was.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from connectors.sandbox.plants.plant import Plant
from connectors.sandbox.plants.registry import plants
from tests.reconciliation.planted import MONTH, MONTHS, Found, Warehouse, findings, follows, reconcile
from warehouse.build import fill
from warehouse.models import models
from warehouse.reconciliation.catalogue import checks

SMALL, LARGE = 40, 2000
SECONDS_GOAL = 15
SLOWEST = 8
ALL_CHECKS = "reconciliation.discrepancy"


@dataclass
class Score:
    """What came of some planted worlds.

    Attributes:
        expected: findings that had to come.
        found: of these, those that did.
        came: findings that came.
        right: of these, those that had to or follow from what was planted.
        missed: kinds that were not all found.
    """

    expected: int = 0
    found: int = 0
    came: int = 0
    right: int = 0
    missed: tuple[str, ...] = ()

    def add(self, planted: Iterable[Plant], came: Iterable[Found]) -> None:
        """Count one world."""
        planted = [*planted]
        wanted = Counter(finding for plant in planted for finding in plant.findings)
        reasons = follows(planted)
        there = Counter(one.finding for one in came)
        found = wanted & there
        beside = there - wanted
        self.expected += wanted.total()
        self.found += found.total()
        self.right += sum(count for one, count in beside.items() if one.code in reasons) + found.total()
        self.came += there.total()
        self.missed += tuple(plant.kind for plant in planted if Counter(plant.findings) - there)

    @property
    def recall(self) -> str:
        """Findings that came, of those that had to."""
        return f"{self.found} of {self.expected}"

    @property
    def precision(self) -> str:
        """Findings that had a reason, of those that came."""
        return f"{self.right} of {self.came}"


def main(out: Console) -> None:
    """Print recall and precision, then the time."""
    find(out)
    take_time(out)


def find(out: Console) -> None:
    """Plant each discrepancy alone, and all at once."""
    warehouse, every = Warehouse(SMALL), plants(MONTH)
    alone, together = Score(), Score()
    for plant in every.values():
        with warehouse.planted(plant) as connection:
            alone.add([plant], findings(connection))
    at_once = [plant for plant in every.values() if not plant.alone]
    with warehouse.planted(*at_once) as connection:
        together.add(at_once, findings(connection))
    table = Table(title=f"{len(every)} discrepancies planted in a world of {SMALL} customers, three months")
    for column in ("planted", "recall", "precision", "missed"):
        table.add_column(column)
    for name, score in (("each alone", alone), (f"{len(at_once)} at once", together)):
        table.add_row(name, score.recall, score.precision, ", ".join(score.missed))
    out.print(table)


def take_time(out: Console) -> None:
    """All checks on a clean world; then each by itself, and each table that several of them read."""
    connection = Warehouse(LARGE).connection
    connection.execute("SET threads = 2")
    began, cpu = time.perf_counter(), time.process_time()
    reconcile(connection)
    wall, cpu = time.perf_counter() - began, time.process_time() - cpu
    spent = {}
    for model in models():
        if model.selects and model.name.startswith("reconciliation.") and model.name != ALL_CHECKS:
            began = time.perf_counter()
            fill(connection, model, MONTHS)
            spent[model.name] = time.perf_counter() - began
    for check in checks():
        began = time.perf_counter()
        connection.execute(f"SELECT count(*) FROM ({check.sql})").fetchall()
        spent[check.name] = time.perf_counter() - began
    table = Table(title=f"All checks, a clean world of {LARGE:,} customers, three months")
    for column in ("figure", "measured", "goal"):
        table.add_column(column)
    table.add_row("wall", f"{wall:.1f} s", f"under {SECONDS_GOAL} s")
    table.add_row("CPU", f"{cpu:.1f} s", "")
    table.add_row("findings", str(len(findings(connection))), "0")
    for name, seconds in sorted(spent.items(), key=lambda item: -item[1])[:SLOWEST]:
        table.add_row(name, f"{seconds:.2f} s", "")
    out.print(table)


if __name__ == "__main__":
    main(Console())
