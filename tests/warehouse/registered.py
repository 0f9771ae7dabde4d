"""A small published warehouse whose charges are given, and the builds that follow what is done to them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
from invoiced import MADE_HERE, NOVEMBER, OCTOBER, Books, next_month

from tests.reconciliation.checked import look
from warehouse import publish
from warehouse.build import FILE, create, fill
from warehouse.calendar import set_months
from warehouse.models import models
from warehouse.register import load

MONTHS = (OCTOBER, NOVEMBER)
FILLED_FROM_THE_REGISTER = ("register_entry", "document", "document_line", "document_tax")
PRICED = {"quantity": Decimal(1), "unit": "GB", "price_currency": "EUR"}
# What a test puts here is found beside what the checks find.
GIVEN = "CREATE TABLE reconciliation.given AS FROM reconciliation.discrepancy LIMIT 0"


def make_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """The tables that the register fills."""
    connection.execute("CREATE SCHEMA billing; SET TimeZone = 'UTC'")
    for model in models():
        if model.name in {f"billing.{table}" for table in FILLED_FROM_THE_REGISTER}:
            connection.execute(model.ddl)


def publish_books(home: Path, customers: Sequence[str] = ("acme", "bolt", "core")) -> None:
    """Publish a warehouse in which each customer has charges of two months, and taxes of three kinds."""
    with publish.rewrite(home / FILE, fresh=True) as connection:
        create(connection, None)
        books = Books(connection)
        connection.execute(GIVEN)
        for month in MONTHS:
            books.land(month, vendor="acme")
            for n, customer in enumerate(customers, start=1):
                tax_code = "reverse" if n == 2 else "vat"
                books.terms(month, customer, tax_code=tax_code, tax_id="NL1")
                for tier, amount in enumerate(("10.005", "7.333", "-2.5", "0.0049"), start=1):
                    books.charge(month, customer, Decimal(amount) * n, tier_no=tier, **PRICED)
                books.charge(month, customer, Decimal("19.99"), sku="book", tax_class="books", **PRICED)
    rebuild(home)


def rebuild(home: Path) -> None:
    """What a build does with a changed register: fill the tables from it, and make the drafts anew."""
    with publish.rewrite(home / FILE) as connection:
        connection.execute("SET threads = 1")
        load(connection, home)
        set_months(connection, MONTHS, next_month(max(MONTHS)))
        for model in models():
            if model.name in MADE_HERE:
                fill(connection, model, MONTHS)
        look(connection, ["incomplete_pull", "restatement_open"], MONTHS)
        connection.execute("INSERT INTO reconciliation.discrepancy FROM reconciliation.given")
        (finding,) = (model for model in models() if model.name == "reconciliation.finding")
        fill(connection, finding, MONTHS)


def alter(home: Path, sql: str, *values: object) -> None:
    """Change the published tables, and make the drafts anew."""
    with publish.rewrite(home / FILE) as connection:
        connection.execute(sql, list(values))
    rebuild(home)


def ask(home: Path, sql: str, *values: object) -> list[tuple[Any, ...]]:
    """Ask the published warehouse."""
    with publish.read(home / FILE) as connection:
        return connection.execute(sql, list(values)).fetchall()


def give(home: Path, **columns: object) -> None:
    """One more discrepancy of October, of the code and with the columns that are given."""
    names, marks = ", ".join(columns), ", ".join("?" * len(columns))
    alter(
        home,
        f"INSERT INTO reconciliation.given (month, {names}) VALUES (DATE '2026-10-01', {marks})",
        *columns.values(),
    )


def charge_more(home: Path, month: date, customer: str, amount: str) -> None:
    """A reading changes: the first charge of the customer is another now."""
    alter(
        home,
        "UPDATE billing.charge SET exact_amount = exact_amount + CAST(? AS DECIMAL(37,15)) "
        "WHERE month = ? AND billed_customer_id = ? AND sku = 'gb' AND tier_no = 1",
        amount,
        month,
        customer,
    )


def pull_everything(home: Path) -> None:
    """The nights of October that the small warehouse lacks."""
    alter(
        home,
        "INSERT INTO ops.pull SELECT pull.* REPLACE (concat('q', CAST(day AS VARCHAR)) AS pull_id, "
        "day AS usage_date) FROM (FROM ops.pull LIMIT 1) AS pull, (SELECT CAST(unnest(generate_series("
        "DATE '2026-10-02', DATE '2026-10-31', INTERVAL 1 DAY)) AS DATE) AS day) AS days",
    )
