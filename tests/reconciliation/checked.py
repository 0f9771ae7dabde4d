"""One check, or all of them, run on a warehouse in memory."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import duckdb

from warehouse.build import fill, reconcile
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
    (sql,) = (one.sql for one in checks() if one.name == check)
    set_months(connection, months, month_days(max(months))[-1])
    connection.execute("DELETE FROM reconciliation.discrepancy")
    connection.execute(f"INSERT INTO reconciliation.discrepancy BY NAME {sql}")
    (finding,) = (model for model in models() if model.name == "reconciliation.finding")
    fill(connection, finding, months)
    return _rows(connection, months)


def found_by_all(connection: duckdb.DuckDBPyConnection, *months: date) -> list[Finding]:
    """The findings of every check, a month after the other as a build does it."""
    for month in months:
        set_months(connection, [month], month_days(max(months))[-1])
        reconcile(connection, month, {})
    return _rows(connection, months)


def _rows(connection: duckdb.DuckDBPyConnection, months: Sequence[date]) -> list[Finding]:
    result = connection.execute(
        f"SELECT * FROM reconciliation.finding WHERE month IN ({literals(months)}) "
        "ORDER BY code, month, sentence"
    )
    names = [column[0] for column in result.description or ()]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]
