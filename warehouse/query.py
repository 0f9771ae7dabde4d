"""Reading the published warehouse: SQL for analysts, and the tables the command line shows."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import duckdb

from warehouse.publish import read
from warehouse.reference.cells import CURRENCIES

NUMBERS = ("DECIMAL", "BIGINT", "INTEGER", "HUGEINT", "DOUBLE", "SMALLINT", "TINYINT", "UBIGINT", "UINTEGER")


class QueryRefused(Exception):
    """A query could not be run; the message is one line."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The result of a query.

    Attributes:
        columns: their names.
        numeric: which of them hold numbers.
        rows: Python values; a DECIMAL is a Decimal, never a float.
    """

    columns: tuple[str, ...]
    numeric: tuple[bool, ...]
    rows: list[tuple[Any, ...]]


def query(warehouse: Path, sql: str, parameters: list[Any] | None = None) -> Answer:
    """Run one SQL statement on the published warehouse, read-only.

    Raises:
        QueryRefused: nothing is published, or the statement fails.
    """
    try:
        with read(warehouse) as connection:
            result = connection.execute(sql, parameters)
            if result is None:
                raise QueryRefused("there is no statement to run; for example SELECT * FROM billing.invoice")
            return answered(result)
    except (FileNotFoundError, duckdb.Error) as error:
        raise QueryRefused(" ".join(str(error).split())) from None


def answered(result: duckdb.DuckDBPyConnection) -> Answer:
    """All that a statement that was just run gives."""
    described = result.description or []
    return Answer(
        columns=tuple(column[0] for column in described),
        numeric=tuple(str(column[1]).startswith(NUMBERS) for column in described),
        rows=result.fetchall(),
    )


def markdown(answer: Answer, longest: int | None = None) -> str:
    """An answer as a Markdown table.

    Parameters:
        longest: rows that are shown; None for all.
    """
    lines = [answer.columns, ["---:" if numeric else "---" for numeric in answer.numeric]]
    lines += answer.rows[:longest]
    return "\n".join(
        f"| {' | '.join('' if cell is None else str(cell) for cell in line)} |" for line in lines
    )


def in_cents(answer: Answer, amounts: Collection[str]) -> Answer:
    """The answer with its amounts rounded to the digits of the currency in its column `currency`.

    Parameters:
        amounts: names of the columns; where a row has no currency they stay as they are.
    """
    at = [place for place, name in enumerate(answer.columns) if name in amounts]
    currency = answer.columns.index("currency")
    rows = []
    for row in answer.rows:
        cells = list(row)
        digits = CURRENCIES.get(cells[currency])
        for place in at:
            if cells[place] is not None and digits is not None:
                unit = Decimal(1).scaleb(-digits)
                cells[place] = cells[place].quantize(unit, ROUND_HALF_UP)
        rows.append(tuple(cells))
    return replace(answer, rows=rows)


def invoice_summary(warehouse: Path, month: date) -> Answer:
    """The invoices and credit notes of one month, the largest first; voided ones are left out.

    Parameters:
        month: any day of it.

    Returns:
        Amounts have the decimals of their currency; tax and total are None while a line has no tax.

    Raises:
        QueryRefused: nothing is published yet.
    """
    answer = query(
        warehouse,
        """
        SELECT billed_customer_id AS customer, billed_customer_name AS name, status, lines, currency,
            net, tax, total
        FROM billing.invoice
        WHERE month = ? AND status <> 'voided'
        ORDER BY currency, total DESC, customer
        """,
        [month.replace(day=1)],
    )
    return in_cents(answer, ("net", "tax", "total"))
