"""A shop that bills what it rates: drafts, issued invoices, and charges or documents that a test alters."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import duckdb

from tests.reconciliation.checked import Finding, found
from tests.reconciliation.issued import issue
from tests.warehouse.invoiced import MADE_HERE, NOVEMBER, OCTOBER
from tests.warehouse.rated import prepare, rate
from tests.warehouse.shop import Shop, plain
from warehouse.build import fill
from warehouse.models import models

MONTHS = (OCTOBER, NOVEMBER)


class Sold(Shop):
    """The shop, its customers taxed at 21 %, and two landed months."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        super().__init__(connection)
        self.has("tax_rate", tax_code="NL", name="VAT 21 %", category="S", percent="21")
        for month in MONTHS:
            self.land(month)

    def land(self, month: date, finished: str = "2026-01-01") -> None:
        """A pull of the last day of a month, finished at an instant."""
        self.alter(
            "INSERT INTO ops.pull BY NAME SELECT ? AS pull_id, 'files' AS vendor, 'default' AS connection, "
            "'usage' AS stream, ? AS usage_date, 'ok' AS status, 0 AS pages, 0 AS rows, 0 AS quarantined, "
            "CAST(? AS TIMESTAMPTZ) AS started_at, CAST(? AS TIMESTAMPTZ) AS finished_at, 1 AS version, "
            "'' AS sha256, '' AS reason, [] AS unknown_fields",
            f"{month} {finished}",
            (month + timedelta(days=31)).replace(day=1) - timedelta(days=1),
            finished,
            finished,
        )

    def bill(self, *months: date) -> None:
        """Rate the usage and draft invoices."""
        prepare(self.connection, self.reference, self.usage)
        rate(self.connection, months or MONTHS)
        self.draft(*months)

    def draft(self, *months: date) -> None:
        """Draft invoices of the charges as they are."""
        for model in models():
            if model.name in MADE_HERE:
                fill(self.connection, model, months or MONTHS)

    def issue(self, *months: date) -> None:
        """Issue the drafts of the months, close the first, and draft again what is left."""
        issue(self.connection, months)
        self.draft()

    def alter(self, sql: str, *values: object) -> None:
        """A statement on the warehouse."""
        self.connection.execute(sql, list(values))

    def recharge(self, what: str, where: str = "true") -> None:
        """Change charges, and draft them again."""
        self.alter(f"UPDATE billing.charge SET {what} WHERE {where}")
        self.draft()

    def uncharge(self, where: str) -> None:
        """Lose charges, and draft the others again."""
        self.alter(f"DELETE FROM billing.charge WHERE {where}")
        self.draft()

    def copy_charge(self, where: str, **changed: str) -> None:
        """A charge once more, with other columns as SQL, and draft again."""
        cells = {"charge_line_id": "md5(charge_line_id)", **changed}
        replaced = ", ".join(f"{sql} AS {name}" for name, sql in cells.items())
        self.alter(
            f"INSERT INTO billing.charge SELECT * REPLACE ({replaced}) FROM billing.charge WHERE {where}"
        )
        self.draft()

    def look(self, check: str) -> list[Finding]:
        """The findings of one check in both months."""
        return found(self.connection, check, *MONTHS)

    def finds(self, check: str) -> list[tuple[Any, ...]]:
        """Code, direction, month and amount of each finding of one check, the amount without ending zeros."""
        return sorted(
            (finding["code"], finding["direction"], finding["month"].month, plain(finding["amount_at_risk"]))
            for finding in self.look(check)
        )


@contextmanager
def sold(connection: duckdb.DuckDBPyConnection) -> Iterator[Sold]:
    """A shop whose changes to a warehouse are taken back in the end."""
    connection.execute("BEGIN")
    try:
        yield Sold(connection)
    finally:
        connection.execute("ROLLBACK")
