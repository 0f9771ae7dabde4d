"""What other prices would have made of the usage that is already metered."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import duckdb

from warehouse.build import fill
from warehouse.calendar import month_before, set_months
from warehouse.models import SCHEMAS, macros, models, quoted
from warehouse.publish import MEMORY_LIMIT, SETTINGS
from warehouse.query import Answer, QueryRefused, answered, in_cents, query
from warehouse.reference.directory import lines
from warehouse.reference.install import write
from warehouse.reference.loader import load_reference, rows_of
from warehouse.reference.rows import Mistake, ReferenceMistakes, Rows, Sheet
from warehouse.reference.rules import mistakes_between
from warehouse.reference.schema import TABLES
from warehouse.reference.source import Source

RATED = "billing.charge"
PRICES = "reference.rate"


@contextmanager
def rated_again(
    warehouse: Path, reference: Rows, months: Collection[date]
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A warehouse in memory whose charges follow other reference tables; the rest is the published one's.

    Only what depends on prices is computed, for all months in one go; metering stands as it is.

    Parameters:
        warehouse: the published file, which is attached as `published`.
        reference: rows of every table, in place of the published ones.
        months: first days of the months to rate.

    Returns:
        A connection with `billing.charge` and what leads to it.

    Raises:
        QueryRefused: nothing is published yet.
    """
    if not warehouse.exists():
        raise QueryRefused(f"there is no warehouse at {warehouse} yet: build a day first")
    with duckdb.connect(config={**SETTINGS, "memory_limit": MEMORY_LIMIT}) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(f"ATTACH {quoted(str(warehouse))} AS published (READ_ONLY)")
        for schema in SCHEMAS:
            connection.execute(f"CREATE SCHEMA {schema}")
        for macro in macros():
            connection.execute(macro)
        write(connection, reference)
        needed = _leading_to(RATED)
        priced = _following(PRICES)
        for model in models():
            if model.name in {"ops.build_month", "ops.calendar"} or model.name in needed & priced:
                connection.execute(model.ddl)
            elif model.name in needed:
                connection.execute(f"CREATE VIEW {model.name} AS SELECT * FROM published.{model.name}")  # noqa: S608  # our own names
        # Earlier charges stand as they are: a term that began before the months counts them.
        connection.execute(
            f"INSERT INTO {RATED} BY NAME SELECT * FROM published.{RATED} WHERE month < ?",  # noqa: S608  # our own name
            [min(months)],
        )
        set_months(connection, months, max(months))
        for model in models():
            if model.selects and model.name in needed & priced:
                fill(connection, model, months)
        yield connection


def what_if(warehouse: Path, reference: Rows, months: Collection[date]) -> Answer:
    """Who would have paid more, who less, and what would have been left of it, by billed customer.

    Parameters:
        warehouse, reference, months: as `rated_again`.

    Returns:
        One row for each customer and currency, those who would save most first: what was and what would
        be charged over the months, before tax, the difference, and both margins, in which a cost that is
        not known counts for nothing.

    Raises:
        QueryRefused: nothing is published yet.
    """
    with rated_again(warehouse, reference, months) as connection:
        result = connection.execute(
            """
            WITH
            compared AS (
                SELECT billed_customer_id, currency, exact_amount AS before, 0 AS after,
                    cost_amount AS cost_before, 0 AS cost_after
                FROM published.billing.charge
                WHERE month IN (SELECT month FROM ops.build_month)
                UNION ALL
                SELECT billed_customer_id, currency, 0, exact_amount, 0, cost_amount
                FROM billing.charge
                WHERE month IN (SELECT month FROM ops.build_month)
            ),
            summed AS (
                SELECT
                    billed_customer_id,
                    currency,
                    sum(before) AS before,
                    sum(after) AS after,
                    sum(before) - coalesce(sum(cost_before), 0) AS margin_before,
                    sum(after) - coalesce(sum(cost_after), 0) AS margin_after
                FROM compared
                GROUP BY ALL
            )
            SELECT
                billed_customer_id AS customer,
                currency,
                CAST(before AS DECIMAL(18,4)) AS before,
                CAST(after AS DECIMAL(18,4)) AS after,
                CAST(after - before AS DECIMAL(18,4)) AS difference,
                CAST(margin_before AS DECIMAL(18,4)) AS margin_before,
                CAST(margin_after AS DECIMAL(18,4)) AS margin_after,
                CASE WHEN after > before THEN 'pays more' WHEN after < before THEN 'pays less' ELSE 'same' END
                    AS outcome
            FROM summed
            ORDER BY summed.after - summed.before, customer, currency
            """
        )
        answer = answered(result)
    return in_cents(
        answer, [name for name, numeric in zip(answer.columns, answer.numeric, strict=True) if numeric]
    )


def candidate(reference: Source, prices: Path) -> Rows:
    """The reference with the price lists of a file in place of those of the same names.

    Parameters:
        reference: where the reference tables are.
        prices: a CSV file like rate.csv.

    Raises:
        FileNotFoundError: one of them is not there.
        ReferenceMistakes: with every mistake of the file, alone and beside the other tables.
    """
    if not prices.is_file():
        raise FileNotFoundError(f"there is no file {prices}: name a CSV like rate.csv")
    rows = load_reference(reference)
    mistakes: list[Mistake] = []
    (table,) = (table for table in TABLES if f"reference.{table.name}" == PRICES)
    brought = list(rows_of(Sheet(table, prices.name, "line", lines(prices)), mistakes))
    cards = {row["rate_card"] for row in brought}
    rows[table.name] = [*brought, *(row for row in rows[table.name] if row["rate_card"] not in cards)]
    mistakes += mistakes_between(rows, {table.name} if mistakes else set())
    if mistakes:
        raise ReferenceMistakes(mistakes)
    return rows


def _leading_to(name: str) -> set[str]:
    """The model and all that it is made of."""
    found = {name}
    for model in reversed(models()):
        if model.name in found:
            found |= model.reads
    return found


def _following(name: str) -> set[str]:
    """All models that the table has a part in."""
    found = {name}
    for model in models():
        if model.reads & found:
            found.add(model.name)
    return found


def months_before(last: date, count: int) -> list[date]:
    """First days of `count` months, the last being the one that `last` is in."""
    return [month_before(last.replace(day=1), back) for back in reversed(range(count))]


def last_metered(warehouse: Path) -> date | None:
    """First day of the last month with usage; None before there is any.

    Raises:
        QueryRefused: nothing is published yet.
    """
    last: date | None
    ((last,),) = query(warehouse, "SELECT max(month) FROM billing.usage_record").rows
    return last
