"""A month that the vendor acme told us of, and a warehouse in memory that billed it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import duckdb

from tests.reconciliation.checked import Finding, found
from tests.warehouse.metered_world import SNAPSHOT, load
from warehouse.build import PULL, create, fill
from warehouse.calendar import month_after, month_days, set_months
from warehouse.models import models
from warehouse.reference.install import write
from warehouse.reference.rows import Row

SEPTEMBER, OCTOBER, NOVEMBER = (date(2026, month, 1) for month in (9, 10, 11))
STEPS = tuple(
    f"reconciliation.{name}" for name in ("vendor_sum", "doubtful_reading", "doubtful_usage", "usage_at_list")
)
ALWAYS = {"valid_from": date(2020, 1, 1), "valid_to": None}
ENTITY = {"name": "Us", "country": "NL", "time_zone": "UTC", "invoice_prefix": "US"}
SOLD = {"vendor": "acme", "product": "*", "aggregation": "peak"}


class Told:
    """Customers ann (account a) and bob (account b), who pay 2 EUR for a seat and 0.10 EUR for a GB.

    Seats are billed at their highest day, bytes at the mean of the days. The vendor charges 1 EUR for a seat.
    Every day of October is pulled, of both streams, in the night after it.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        connection.execute("SET TimeZone = 'UTC'; SET threads = 1")
        create(connection, None)
        self.reference: dict[str, list[dict[str, Any]]] = {
            "billing_entity": [
                {"billing_entity_id": code, **ENTITY, "currency": currency}
                for code, currency in (("eu", "EUR"), ("uk", "GBP"))
            ],
            "customer": [
                {"customer_id": code, "name": code.title(), "kind": "reseller", "bill_to": "self"}
                | {"billing_entity_id": "eu", "currency": "EUR", "rate_card": "list", "tax_code": "vat"}
                for code in ("ann", "bob")
            ],
            "sku": [
                {"sku": "seat", "name": "Seat", "service": "Backup", "unit": "seats"},
                {"sku": "disk", "name": "Disk", "service": "Backup", "unit": "GB"},
            ],
            "meter": [
                {"vendor": "acme", "meter": "active_seats", "unit": "seats"},
                {"vendor": "acme", "meter": "used_bytes", "unit": "bytes"},
            ],
            "sku_mapping": [
                SOLD | {"meter": "active_seats", "sku": "seat"},
                SOLD | {"meter": "used_bytes", "sku": "disk", "aggregation": "average"},
            ],
            "rate_card": [
                {"rate_card": "cost", "name": "Cost", "currency": "EUR", "side": "cost"},
                {"rate_card": "list", "name": "List", "currency": "EUR"},
            ],
            "rate": [
                {"rate_card": "list", "sku": "seat", "model": "per_unit", "unit_price": Decimal(2)},
                {"rate_card": "list", "sku": "disk", "model": "per_unit", "unit_price": Decimal("0.1")},
                {"rate_card": "cost", "sku": "seat", "model": "per_unit", "unit_price": Decimal(1)},
            ],
            "vendor_terms": [{"vendor": "acme", "connection": "default", "rate_card": "cost"}],
            "account_mapping": [],
        }
        self.map("a", "ann")
        self.map("b", "bob")
        self.readings: list[dict[str, Any]] = []
        self.pulls: dict[tuple[str, date], dict[str, Any]] = {}
        self.pulled()

    def has(self, table: str, *rows: dict[str, Any]) -> None:
        """More rows of a reference table."""
        self.reference.setdefault(table, []).extend(rows)

    def map(self, account: str, customer: str | None, **cells: Any) -> None:
        """Map an account to a customer, or exclude it when there is a reason."""
        state = "excluded" if cells.get("reason") else "mapped"
        row = {"vendor": "acme", "connection": "default", "account_id": account, "state": state}
        self.has("account_mapping", row | {"customer_id": customer} | cells)

    def pulled(self, *streams: str, month: date = OCTOBER, days: Collection[date] = (), **cells: Any) -> None:
        """Pulls of these days, by default of a whole month; `cells` that are to be others."""
        for stream in streams or ("usage", "more"):
            for day in days or month_days(month):
                self.pulls[stream, day] = _pull(stream, day) | cells

    def not_pulled(self, stream: str, day: date) -> None:
        """Nobody asked for it."""
        del self.pulls[stream, day]
        self.readings = [row for row in self.readings if row["pull_id"] != f"{stream}-{day}"]

    def told(
        self,
        quantity: Decimal | int,
        account: str = "a",
        *,
        days: Iterable[date] = (),
        month: date = OCTOBER,
        stream: str = "usage",
        **cells: Any,
    ) -> None:
        """What an account has: seats, unless it is said otherwise, on every day of the month."""
        for day in days or month_days(month):
            reading = {
                "vendor": "acme",
                "connection": "default",
                "account_id": account,
                "resource_id": "r",
                "resource_type": "subscription",
                "product": "backup",
                "meter": "active_seats",
                "usage_date": day,
                "quantity": Decimal(quantity),
                "unit": "seats",
                "quality": "reported",
                "pull_id": f"{stream}-{day}",
                "row_no": 0,
            }
            self.readings.append(reading | cells)

    def findings(self, check: str, *months: date) -> list[Finding]:
        """What one check finds in these months, by default October; they are billed one after the other."""
        tables = {
            name: [Row(n, ALWAYS | row) for n, row in enumerate(rows, start=2)]
            for name, rows in self.reference.items()
        }
        write(self.connection, tables)
        for table in ("ops.pull", "staging.usage_snapshot"):
            self.connection.execute(f"DELETE FROM {table}")
        load(self.connection, "ops.pull", [*self.pulls.values()], PULL)
        load(self.connection, "staging.usage_snapshot", self.readings, SNAPSHOT)
        asked = months or (OCTOBER,)
        for month in asked:
            set_months(self.connection, [month], month_after(max(asked)))
            for model in models():
                if model.selects and (model.name.startswith("billing.") or model.name in STEPS):
                    fill(self.connection, model, [month] if model.is_monthly else month_days(month))
        return found(self.connection, check, *asked)


def in_short(findings: Iterable[Finding]) -> list[tuple[str, str, str | None, Decimal]]:
    """Code, direction, account and amount of each."""
    return [(row["code"], row["direction"], row["account_id"], row["amount_at_risk"]) for row in findings]


def _pull(stream: str, day: date) -> dict[str, Any]:
    """A complete pull in the night after its day."""
    instant = datetime.combine(day + timedelta(days=1), time(2), UTC)
    return {
        **dict.fromkeys(PULL.names, ""),
        "pull_id": f"{stream}-{day}",
        "vendor": "acme",
        "connection": "default",
        "stream": stream,
        "usage_date": day,
        "status": "ok",
        "pages": 1,
        "rows": 1,
        "vendor_total": None,
        "quarantined": 0,
        "started_at": instant,
        "finished_at": instant,
        "version": 1,
        "quarantine_path": None,
        "unknown_fields": [],
    }
