"""What reconciliation found, for people: by check with the money, and one finding after the other."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date
from pathlib import Path

from warehouse.query import Answer, in_cents, query
from warehouse.reconciliation.catalogue import Check, checks

STATES = ("open", "reopened", "acknowledged", "waived", "fixed")
STANDING = ("open", "reopened", "acknowledged")

BY_CHECK = """
SELECT
    code,
    title,
    count(*) FILTER (WHERE severity = 'blocks') AS blocking,
    count(*) AS findings,
    count(*) FILTER (WHERE is_aged) AS aged,
    coalesce(currency, '') AS currency,
    sum(abs(amount_at_risk)) FILTER (WHERE direction = 'leak') AS leak,
    sum(abs(amount_at_risk)) FILTER (WHERE direction = 'over_bill') AS over_bill,
    sum(abs(amount_at_risk)) FILTER (WHERE direction = 'cost') AS cost,
    sum(abs(amount_at_risk)) AS at_risk
FROM reconciliation.finding_state
WHERE list_contains(?, state)
    AND (? IS NULL OR month = ?)
GROUP BY code, title, currency
ORDER BY at_risk DESC, blocking DESC, code, currency
"""
FINDINGS = """
SELECT
    left(fingerprint, 8) AS id,
    code,
    strftime(month, '%Y-%m') AS month,
    severity,
    state,
    coalesce(owner, '') AS owner,
    coalesce(direction, '') AS direction,
    coalesce(currency, '') AS currency,
    abs(amount_at_risk) AS at_risk,
    CAST(CAST(first_seen_at AS DATE) AS VARCHAR) AS since,
    sentence
FROM reconciliation.finding_state
WHERE list_contains(?, state)
    AND (? IS NULL OR month = ?)
    AND (? IS NULL OR code = ?)
    AND (? IS NULL OR ? IN (billed_customer_id, customer_id))
ORDER BY severity, at_risk DESC, code, fingerprint
"""
ONE = "SELECT * FROM reconciliation.finding_state WHERE starts_with(fingerprint, ?) ORDER BY fingerprint"


def by_check(warehouse: Path, month: date | None = None, states: Collection[str] = STANDING) -> Answer:
    """How many findings each check has, how many block or are old, and the money by direction; worst first.

    Parameters:
        warehouse: the published file.
        month: first day; None for every month.
        states: of `STATES`.

    Raises:
        QueryRefused: nothing is published yet.
    """
    answer = query(warehouse, BY_CHECK, [list(states), month, month])
    return in_cents(answer, ("leak", "over_bill", "cost", "at_risk"))


def findings(
    warehouse: Path,
    month: date | None = None,
    code: str | None = None,
    customer: str | None = None,
    states: Collection[str] = STANDING,
) -> Answer:
    """Findings, those that block first and then by money.

    Parameters:
        warehouse, month, states: as `by_check`.
        code: only of this check.
        customer: only about this customer, billed or not.

    Raises:
        QueryRefused: nothing is published yet.
    """
    values = [list(states), month, month, code, code, customer, customer]
    return in_cents(query(warehouse, FINDINGS, values), ("at_risk",))


def by_name(warehouse: Path) -> list[tuple[Check, Answer]]:
    """The findings of each check that nobody let pass, as `findings` has them.

    Raises:
        QueryRefused: nothing is published yet.
    """
    every = findings(warehouse)
    code = every.columns.index("code")
    return [
        (check, replace(every, rows=[row for row in every.rows if row[code] in check.codes]))
        for check in checks()
    ]


def finding(warehouse: Path, fingerprint: str) -> Answer:
    """All that is known of the findings whose fingerprint begins so.

    Raises:
        QueryRefused: nothing is published yet.
    """
    return query(warehouse, ONE, [fingerprint])
