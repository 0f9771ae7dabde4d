"""A discrepancy becomes a finding: what it is called, what it is worth, what is tolerated, how it ends."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from connectors.clock import VARIABLE
from tests.warehouse.metered_world import load, pull
from warehouse.build import PULL, create, fill
from warehouse.calendar import set_months
from warehouse.models import models
from warehouse.reconciliation import sightings
from warehouse.reconciliation.catalogue import ELSEWHERE, checks
from warehouse.reference.install import write
from warehouse.reference.rows import Row
from warehouse.register import Register

OCTOBER = date(2026, 10, 1)
MADE_HERE = {"billing.fx_in_force", "reconciliation.book_rate", "reconciliation.finding"}
ENTITY = {"name": "Us", "country": "NL", "currency": "EUR", "time_zone": "UTC", "invoice_prefix": "US"}
RATE = {"fx_set": "s", "from_currency": "USD", "to_currency": "EUR", "rate": Decimal("0.5"), "source": "ECB"}
FOUND = {
    "code": "T-01",
    "month": OCTOBER,
    "currency": "EUR",
    "amount": Decimal(10),
    "sentence": "It is wrong.",
}


class Month:
    """October, with the discrepancies that a test puts there."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        connection.execute("SET TimeZone = 'UTC'")
        create(connection, None)
        self.reference()
        set_months(connection, [OCTOBER], date(2026, 10, 31))
        for code, stops, tolerated in (("T-01", "close", 0), ("T-02", "no", 5)):
            connection.execute(
                "INSERT INTO reconciliation.check_catalogue VALUES "
                "(?, 'made up', 'made_up', 'Made up.', ?, 'leak', ?, 0, 0, 'billing.invoice', 'all', NULL)",
                [code, stops, tolerated],
            )

    def reference(self, *tolerances: dict[str, Any]) -> None:
        always = {"valid_from": date(2020, 1, 1), "quoted_on": date(2020, 1, 1)}
        tables: dict[str, list[dict[str, Any]]] = {
            "billing_entity": [
                {"billing_entity_id": "us", **ENTITY},
                {"billing_entity_id": "zz", **ENTITY, "currency": "JPY"},
            ],
            "fx_rate": [RATE | always],
            "tolerance": [*tolerances],
        }
        write(self.connection, {name: [Row(2, row) for row in rows] for name, rows in tables.items()})

    def found(self, *discrepancies: dict[str, Any]) -> list[dict[str, Any]]:
        """The findings that these rows become."""
        self.connection.execute("DELETE FROM reconciliation.discrepancy")
        for row in discrepancies:
            names, marks = ", ".join(row), ", ".join("?" * len(row))
            self.connection.execute(
                f"INSERT INTO reconciliation.discrepancy ({names}) VALUES ({marks})", [*row.values()]
            )
        for model in models():
            if model.name in MADE_HERE:
                fill(self.connection, model, [OCTOBER])
        return self.ask("SELECT * FROM reconciliation.finding ORDER BY code, sentence, amount_at_risk")

    def ask(self, sql: str) -> list[dict[str, Any]]:
        result = self.connection.execute(sql)
        names = [column[0] for column in result.description or ()]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    def state(self) -> tuple[Any, ...]:
        """State, owner and last day of a waiver of the only finding there ever was."""
        (row,) = self.ask("SELECT state, owner, waived_until FROM reconciliation.finding_state")
        return tuple(row.values())

    def pulled(self, day: date) -> None:
        """The newest landed day, as far as waivers know the time."""
        self.connection.execute("DELETE FROM ops.pull")
        instant = datetime(day.year, day.month, day.day, 3, tzinfo=UTC)
        landed = pull(("acme", "default", "s"), day) | {"finished_at": instant}
        load(self.connection, "ops.pull", [landed], PULL)

    def decide(self, kind: str, fingerprint: str, **body: object) -> None:
        """An entry of the register."""
        self.connection.execute(
            "INSERT INTO billing.register_entry SELECT coalesce(max(seq), 0) + 1, ?, ?, NULL, NULL, 'ann', "
            "now(), 'Because', ?, 'x' FROM billing.register_entry",
            [kind, fingerprint, json.dumps(body)],
        )


@pytest.fixture
def month() -> Iterator[Month]:
    with duckdb.connect() as connection:
        yield Month(connection)


def test_a_finding_is_in_the_money_of_its_entity(month: Month) -> None:
    """By the frozen rates, to the cent; what no rate leads to stays as it is."""
    rows = [
        FOUND | {"currency": "USD", "amount": Decimal("10.01"), "billing_entity_id": "us", "sentence": "a"},
        FOUND | {"currency": "USD", "amount": Decimal("10.01"), "sentence": "b", "sku": "s"},
        FOUND | {"currency": "USD", "amount": Decimal("10.01"), "billing_entity_id": "zz", "sentence": "c"},
        FOUND | {"currency": None, "amount": None, "sentence": "d"},
    ]
    found = [(row["currency"], row["amount_at_risk"], row["amount_known"]) for row in month.found(*rows)]
    five = Decimal("5.0100")
    assert found == [
        ("EUR", five, True),
        ("EUR", five, True),
        ("USD", Decimal("10.0100"), True),
        ("EUR", Decimal(0), False),
    ]


def test_a_fingerprint_is_of_what_a_finding_is_about(month: Month) -> None:
    """Other figures and words leave it; another customer or subject does not; no two are the same."""
    (first,) = month.found(FOUND | {"customer_id": "c"})
    (later,) = month.found(FOUND | {"customer_id": "c", "amount": Decimal(99), "sentence": "Worse."})
    (other,) = month.found(FOUND | {"customer_id": "d"})
    (another,) = month.found(FOUND | {"customer_id": "c", "subject": "x"})
    twice = month.found(FOUND, FOUND)
    assert first["fingerprint"] == later["fingerprint"]
    assert len({row["fingerprint"] for row in (first, other, another, *twice)}) == 5


@pytest.mark.parametrize(
    ("tolerance", "row", "is_found"),
    [
        ({}, {"amount": Decimal("0.01")}, True),
        ({"amount": Decimal(10)}, {}, False),
        ({"amount": Decimal("9.99")}, {}, True),
        ({"amount": Decimal(10), "currency": "EUR"}, {}, False),
        ({"amount": Decimal(10), "currency": "JPY"}, {}, True),
        ({"percent": Decimal(1)}, {"expected": Decimal(100), "actual": Decimal(101)}, False),
        ({"percent": Decimal(1)}, {"expected": Decimal(100), "actual": Decimal("98.9")}, True),
        ({"count": Decimal(2)}, {"expected": Decimal(0), "actual": Decimal(-2)}, False),
        ({"count": Decimal(2)}, {"expected": Decimal(0), "actual": Decimal("2.1")}, True),
        ({"count": Decimal(2)}, {"expected": None, "actual": Decimal(1)}, True),
    ],
)
def test_what_is_tolerated_is_no_finding(
    month: Month, tolerance: dict[str, Any], row: dict[str, Any], *, is_found: bool
) -> None:
    """By amount, percent or count, of the code and the currency; a row of the reference goes before."""
    if tolerance:
        month.reference({"code": "T-01", "currency": "", **tolerance})
    assert bool(month.found(FOUND | row)) == is_found


def test_a_check_has_its_own_tolerance(month: Month) -> None:
    """Unless the reference says otherwise, 0 included."""
    small = FOUND | {"code": "T-02", "amount": Decimal(5)}
    assert month.found(small) == []
    month.reference({"code": "T-02", "currency": "", "amount": Decimal(0)})
    (found,) = month.found(small)
    assert (found["severity"], found["stops"], found["direction"]) == ("warns", "no", "leak")


def test_a_waiver_covers_a_time_and_an_amount(month: Month) -> None:
    """Up to and including its day, for no more than it was given for; then the finding blocks again."""
    month.pulled(date(2026, 10, 30))
    (row,) = month.found(FOUND | {"expected": Decimal(3), "actual": Decimal(1)})
    assert month.state() == ("open", None, None)
    month.decide("acknowledge", row["fingerprint"], owner="bob")
    last = date(2026, 10, 31)
    month.decide(
        "waive_finding", row["fingerprint"], until="2026-10-31", amount_at_risk="10.00", difference="-2"
    )
    assert month.state() == ("waived", "bob", last)
    assert month.ask("SELECT * FROM billing.blocker") == []
    month.found(FOUND | {"expected": Decimal(3), "actual": Decimal(1), "amount": Decimal("10.01")})
    assert month.state() == ("reopened", "bob", last)
    assert [row["kind"] for row in month.ask("SELECT kind FROM billing.blocker")] == ["made up"]
    month.found(FOUND | {"expected": Decimal(3), "actual": Decimal("0.5")})
    assert month.state() == ("reopened", "bob", last)
    month.found(FOUND | {"expected": Decimal(3), "actual": Decimal(1), "amount": Decimal(9)})
    month.pulled(date(2026, 10, 31))
    assert month.state() == ("waived", "bob", last)
    assert month.ask("SELECT waiver_ends_soon FROM reconciliation.finding_state") == [
        {"waiver_ends_soon": True}
    ]
    month.pulled(date(2026, 11, 1))
    assert month.state() == ("reopened", "bob", last)


def test_when_it_was_seen_is_in_the_register(
    month: Month, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Open, gone, back again: one entry a change, none where nothing changed, in order of the clock."""
    month.pulled(date(2026, 10, 30))
    seen: list[tuple[Any, ...]] = []
    for hour, rows in ((1, [FOUND]), (2, [FOUND | {"amount": Decimal(11)}]), (3, []), (4, [FOUND])):
        monkeypatch.setenv(VARIABLE, f"2026-11-01T0{hour}:00:00Z")
        month.found(*rows)
        sightings.record(month.connection, tmp_path)
        (row,) = month.ask(
            "SELECT state, hour(first_seen_at) AS first, hour(last_seen_at) AS last, sentence "
            "FROM reconciliation.finding_state"
        )
        seen.append(tuple(row.values()))
    assert seen == [
        ("open", 1, 3, "It is wrong."),
        ("open", 1, 3, "It is wrong."),
        ("fixed", 1, 3, "It is wrong."),
        ("reopened", 1, 3, "It is wrong."),
    ]
    assert [entry.instant.hour for entry in Register(tmp_path).entries()] == [1, 3, 4]
    month.pulled(date(2026, 12, 1))
    assert month.ask("SELECT age_days, is_aged FROM reconciliation.finding_state") == [
        {"age_days": 30, "is_aged": False}
    ]
    month.pulled(date(2026, 12, 2))
    assert month.ask("SELECT age_days, is_aged FROM reconciliation.finding_state") == [
        {"age_days": 31, "is_aged": True}
    ]
    monkeypatch.setenv(VARIABLE, "2026-11-01T00:00:00Z")
    month.found()
    sightings.record(month.connection, tmp_path)
    assert len(list(Register(tmp_path).entries())) == 3


def test_every_check_says_what_it_is() -> None:
    """Codes, what it stops, direction and guard; no code twice, and none of the fifty-six left out."""
    shown = {model.name for model in models() if model.is_shown}
    for check in checks():
        assert check.meaning.endswith("."), check.name
        assert check.codes, check.name
        assert check.stops in {"issue", "close", "no"}, check.name
        assert check.direction in {"leak", "over_bill", "cost", "control", "each row"}, check.name
        assert check.guards in shown, check.name
    told = [code for check in checks() for code in check.codes]
    elsewhere = [line[2:6] for line in ELSEWHERE.read_text().splitlines() if line.startswith('["R-')]
    assert sorted([*told, *elsewhere]) == [f"R-{number:02}" for number in range(1, 57)]
