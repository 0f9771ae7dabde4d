"""A warehouse in memory whose charges are given, and a register made of inserts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa

from tests.warehouse.emptied import emptied
from warehouse import invariants
from warehouse.build import PULL, fill
from warehouse.calendar import set_months
from warehouse.models import models
from warehouse.reference.install import write
from warehouse.reference.rows import Row

SEPTEMBER, OCTOBER, NOVEMBER, DECEMBER = (date(2026, month, 1) for month in (9, 10, 11, 12))
MADE_HERE = ("billing.correction", "billing.draft_line", "billing.draft_tax", "billing.draft")
LONG_AGO = {"valid_from": date(2020, 1, 1)}
TAXES: tuple[Mapping[str, object], ...] = (
    {"tax_code": "vat", "name": "VAT 21 %", "category": "S", "percent": Decimal(21)},
    {"tax_code": "vat", "tax_class": "books", "name": "VAT 9 %", "category": "S", "percent": Decimal(9)},
    {
        "tax_code": "reverse",
        "name": "Reverse charge",
        "category": "AE",
        "percent": Decimal(0),
        "exemption_reason": "Reverse charge",
    },
)


def next_month(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)


def charge(month: date, customer: str, amount: Decimal | int | str, **changed: object) -> dict[str, object]:
    """A row of billing.charge: of usage of the whole month, unless it is said otherwise."""
    row: dict[str, object] = {
        "month": month,
        "billing_entity_id": "us",
        "billed_customer_id": customer,
        "customer_id": customer,
        "currency": "EUR",
        "kind": "usage",
        "sku": "gb",
        "dimension": "",
        "tier_no": 1,
        "service_period_start": month,
        "service_period_end": next_month(month),
        "description": "Storage",
        "rule": "1 GB x 1",
        "quantity": Decimal(1),
        "unit": "GB",
        "price_currency": "EUR",
        "exact_amount": Decimal(amount),
        "tax_class": "standard",
        **changed,
    }
    natural = [row[name] for name in ("month", "customer_id", "sku", "dimension", "tier_no", "kind")]
    return {"charge_line_id": "|".join(map(str, natural)), **row}


class Books:
    """What the tests write, build and ask."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        self.reference()

    def reference(self, **tables: Iterable[Mapping[str, object]]) -> None:
        """Replace tables of the reference by these rows; what is dated holds since long ago."""
        entity = {"billing_entity_id": "us", "name": "Us", "country": "NL", "currency": "EUR"}
        skus = [
            {"sku": sku, "name": name, "service": "Backup", "unit": "GB"}
            for sku, name in (("gb", "Storage"), ("book", "Handbook"))
        ]
        given = {
            "billing_entity": [{**entity, "time_zone": "UTC", "invoice_prefix": "US"}],
            "sku": skus,
            "tax_rate": TAXES,
            **tables,
        }
        write(
            self.connection,
            {
                name: [Row(n, {**LONG_AGO, **row}) for n, row in enumerate(rows, start=2)]
                for name, rows in given.items()
            },
        )

    def insert(self, table: str, *rows: Mapping[str, object]) -> None:
        for row in rows:
            self.connection.execute(
                f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})",
                [*row.values()],
            )

    def ask(self, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
        return self.connection.execute(sql, [*parameters]).fetchall()

    def terms(self, month: date, *customers: str, **changed: object) -> None:
        """Terms of customers that are billed themselves."""
        for customer in customers:
            row: dict[str, object] = {
                "month": month,
                "customer_id": customer,
                "customer_name": f"Customer {customer}",
                "billed_customer_id": customer,
                "billed_customer_name": f"Customer {customer}",
                "billing_entity_id": "us",
                "time_zone": "UTC",
                "currency": "EUR",
                "rate_card": "card",
                "tax_code": "vat",
                "payment_days": 30,
            }
            self.insert("billing.customer_terms", row | changed)

    def land(self, *days: date, **changed: object) -> None:
        """A complete pull on each of the days."""
        instant = datetime(2026, 12, 1, tzinfo=UTC)
        rows = [
            {
                **dict.fromkeys(PULL.names, ""),
                **dict.fromkeys(("pages", "rows", "vendor_total", "quarantined"), 0),
                "pull_id": f"p{day}",
                "vendor": "files",  # which miss no day
                "connection": "default",
                "stream": "usage",
                "usage_date": day,
                "status": "ok",
                "version": 1,
                "unknown_fields": [],
                "started_at": instant,
                "finished_at": instant,
            }
            | changed
            for day in days
        ]
        self.connection.register("incoming", pa.Table.from_pylist(rows, PULL))
        self.connection.execute("INSERT INTO ops.pull BY NAME SELECT * FROM incoming")
        self.connection.unregister("incoming")

    def charge(self, month: date, customer: str, amount: Decimal | int | str, **changed: object) -> None:
        """One charge, of usage unless it is said otherwise."""
        self.insert("billing.charge", charge(month, customer, amount, **changed))

    def charges(self, rows: list[dict[str, object]]) -> None:
        """Many of them, as `charge` makes them."""
        self.connection.register("incoming", pa.Table.from_pylist(rows))
        self.connection.execute("INSERT INTO billing.charge BY NAME SELECT * FROM incoming")
        self.connection.unregister("incoming")

    def uncharge(self, month: date, customer: str) -> None:
        self.connection.execute(
            "DELETE FROM billing.charge WHERE month = ? AND billed_customer_id = ?", [month, customer]
        )

    def build(self, *months: date) -> None:
        """Make the invoices of the months, and check what must hold."""
        set_months(self.connection, months, next_month(max(months)))
        for model in models():
            if model.name in MADE_HERE:
                fill(self.connection, model, months)
        self.verify(*months)

    def verify(self, *months: date) -> None:
        invariants.verify(self.connection, months)

    def enter(self, kind: str, subject: str, month: date, reason: str = "Because", **body: object) -> int:
        """One entry of the register."""
        ((seq,),) = self.ask("SELECT coalesce(max(seq), 0) + 1 FROM billing.register_entry")
        self.insert(
            "billing.register_entry",
            {
                "seq": seq,
                "kind": kind,
                "subject": subject,
                "month": month,
                "billing_entity_id": "us",
                "by_person": "ann",
                "recorded_at": datetime(2026, 12, 1, tzinfo=UTC) + timedelta(minutes=seq),
                "reason": reason,
                "body": json.dumps(body),
                "sha256": str(seq),
            },
        )
        return int(seq)

    def issue(self, month: date, customer: str) -> str:
        """Issue the customer's draft as it was built; returns its number."""
        ((draft,),) = self.ask(
            "SELECT invoice_id FROM billing.draft WHERE month = ? AND billed_customer_id = ?", month, customer
        )
        seq = self.enter("issue", draft, month)
        number = f"US-2026-{seq:06}"
        self.connection.execute(
            "INSERT INTO billing.document BY NAME SELECT * EXCLUDE (invoice_id, tax_id, payment_days, "
            "margin_floor, cost, margin, content_sha256), invoice_id AS document_id, ? AS seq, ? AS number, "
            "'invoice' AS kind, "
            "DATE '2026-12-01' AS issue_date, DATE '2026-12-31' AS due_date, 'ann' AS prepared_by, "
            "'bob' AS issued_by, TIMESTAMPTZ '2026-12-01 00:00:00+00' AS issued_at, '' AS sha256 "
            "FROM billing.draft WHERE invoice_id = ?",
            [seq, number, draft],
        )
        self.connection.execute(
            "INSERT INTO billing.document_line BY NAME SELECT * EXCLUDE (invoice_id, billing_entity_id, "
            "billed_customer_id, currency, tax_code, tax_name, exemption_reason), invoice_id AS document_id "
            "FROM billing.draft_line WHERE invoice_id = ?",
            [draft],
        )
        self.connection.execute(
            "INSERT INTO billing.document_tax BY NAME SELECT * EXCLUDE (invoice_id, month, currency), "
            "invoice_id AS document_id FROM billing.draft_tax WHERE invoice_id = ?",
            [draft],
        )
        return number

    def void(self, number: str) -> None:
        ((document, month),) = self.ask(
            "SELECT document_id, month FROM billing.document WHERE number = ?", number
        )
        self.enter("void", document, month)

    def close(self, month: date) -> None:
        self.enter("close", "", month)

    def reopen(self, month: date) -> None:
        self.enter("reopen", "", month)

    def waive(self, restatement_id: str, amount: Decimal | None = None) -> None:
        """Waive what is open of a restatement, or that much of it."""
        answer = self.connection.execute(
            "SELECT * FROM billing.restatement WHERE restatement_id = ?", [restatement_id]
        )
        names = [column[0] for column in answer.description or ()]
        found = dict(zip(names, answer.fetchone() or (), strict=True))
        waived = found["open_amount"] if amount is None else amount
        body = {
            name: str(value) for name, value in {**found, "exact_amount": waived}.items() if value is not None
        }
        self.enter("waive", restatement_id, found["restates_month"], **body)


@contextmanager
def books() -> Iterator[Books]:
    """An empty warehouse with one billing entity and two SKUs."""
    with emptied() as connection:
        yield Books(connection)
