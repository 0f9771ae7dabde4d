"""Some checks run on a warehouse in memory."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

import duckdb

from warehouse.build import fill
from warehouse.calendar import month_days, set_months
from warehouse.models import literals, models
from warehouse.reconciliation.catalogue import checks

Finding = dict[str, Any]


def found(connection: duckdb.DuckDBPyConnection, check: str, *months: date) -> list[Finding]:
    """The findings of one check in months that are billed already, by code and sentence.

    Parameters:
        check: name of its file.
        months: first days; all their days are landed.
    """
    look(connection, [check], months)
    return _rows(connection, months)


def look(connection: duckdb.DuckDBPyConnection, names: Collection[str], months: Collection[date]) -> None:
    """Fill the findings of some checks alone, and the steps between them and the bill.

    Parameters:
        names: of the checks' files.
        months: first days; all their days are landed.
    """
    set_months(connection, months, month_days(max(months))[-1])
    chosen = [check.sql for check in checks() if check.name in names]
    assert len(chosen) == len(names)
    filled = [model for model in models() if model.name.startswith("reconciliation.") and model.selects]
    needed, before = set[str](), -1
    while len(needed) > before:
        before = len(needed)
        queries = [
            *chosen,
            "reconciliation.book_rate",
            *(sql for model in filled if model.name in needed for sql in model.selects),
        ]
        needed = {model.name for model in filled if any(model.name in sql for sql in queries)}
    for model in filled:
        if model.name in needed:
            fill(connection, model, months)
    connection.execute("DELETE FROM reconciliation.discrepancy")
    for sql in chosen:
        connection.execute(f"INSERT INTO reconciliation.discrepancy BY NAME {sql}")
    (finding,) = (model for model in filled if model.name == "reconciliation.finding")
    fill(connection, finding, months)


def _rows(connection: duckdb.DuckDBPyConnection, months: Sequence[date]) -> list[Finding]:
    result = connection.execute(
        f"SELECT * FROM reconciliation.finding WHERE month IN ({literals(months)}) "
        "ORDER BY code, month, sentence"
    )
    names = [column[0] for column in result.description or ()]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]
