"""What appeared and what went since the last run, as one entry of the register.

When a finding was first seen must outlive the warehouse, which can be deleted and built again.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

from warehouse.register import Kind, Register, load

RECORDED_BY = "reconciliation"
APPEARED = """
SELECT
    fingerprint, code, month, severity, billing_entity_id, billed_customer_id, currency, amount_at_risk,
    sentence
FROM reconciliation.finding
WHERE fingerprint NOT IN (SELECT fingerprint FROM present)
ORDER BY fingerprint
"""
GONE = """
SELECT fingerprint FROM present
WHERE fingerprint NOT IN (SELECT fingerprint FROM reconciliation.finding)
ORDER BY fingerprint
"""
PRESENT = """
CREATE OR REPLACE TEMP VIEW present AS
SELECT fingerprint FROM reconciliation.sighting
GROUP BY fingerprint
HAVING max(seq) FILTER (WHERE is_there) > coalesce(max(seq) FILTER (WHERE NOT is_there), 0)
"""


def record(connection: duckdb.DuckDBPyConnection, home: Path) -> None:
    """Write down which findings appeared and which are gone; nothing where nothing did.

    Parameters:
        connection: the warehouse that is being built, which knows the whole register and gets the new entry.
        home: data directory.

    Raises:
        RegisterBroken: the register is not what was written.
    """
    connection.execute(PRESENT)
    seen, gone = _rows(connection, APPEARED), [row["fingerprint"] for row in _rows(connection, GONE)]
    connection.execute("DROP VIEW present")
    if not (seen or gone):
        return
    with Register(home).writing() as transaction:
        last = transaction.latest_instant()
        if last and transaction.at < last:  # a clock that was set back tells nothing; a later run does
            return
        transaction.append(Kind.FINDINGS, "", RECORDED_BY, {"seen": seen, "gone": gone})
    load(connection, home)


def _rows(connection: duckdb.DuckDBPyConnection, sql: str) -> list[dict[str, Any]]:
    result = connection.execute(sql)
    names = [column[0] for column in result.description or ()]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]
