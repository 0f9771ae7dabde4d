"""Invoices of drafts, reviewed and issued without the register's file: its tables alone are filled."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import duckdb

from warehouse.models import literals

NUMBERED = """
CREATE OR REPLACE TEMP TABLE numbered AS
SELECT
    draft.*,
    entity.invoice_prefix,
    CAST(draft.month + INTERVAL 1 MONTH + INTERVAL 1 DAY AS DATE) AS issue_date,
    CAST(draft.month + INTERVAL 1 MONTH + INTERVAL 33 HOUR AS TIMESTAMP) AT TIME ZONE 'UTC' AS issued_at,
    coalesce(draft.payment_days, entity.payment_days) AS days,
    row_number() OVER (
        PARTITION BY entity.invoice_prefix
        ORDER BY draft.month, draft.billed_customer_id, draft.currency
    ) AS place
FROM billing.draft AS draft
INNER JOIN reference.billing_entity AS entity
    ON entity.billing_entity_id = draft.billing_entity_id
WHERE draft.lines > 0 AND draft.month IN ({months})
"""
ENTRIES = """
INSERT INTO billing.register_entry BY NAME
SELECT row_number() OVER (ORDER BY recorded_at, kind DESC, subject) AS seq, *, '' AS sha256
FROM (
    SELECT 'review' AS kind, invoice_id AS subject, month, billing_entity_id, 'Ann' AS by_person,
        issued_at - INTERVAL 1 HOUR AS recorded_at, '{{}}' AS body, NULL AS reason
    FROM numbered
    UNION ALL
    SELECT 'issue', invoice_id, month, billing_entity_id, 'Bob', issued_at, '{{}}', NULL
    FROM numbered
    UNION ALL
    SELECT DISTINCT 'close', billing_entity_id || ' ' || strftime(month, '%Y-%m'), month, billing_entity_id,
        'Cleo', issued_at + INTERVAL 1 HOUR, '{{}}', 'All is issued'
    FROM numbered
    WHERE month = DATE '{closed}'
)
"""
DOCUMENTS = """
INSERT INTO billing.document BY NAME
SELECT
    numbered.* EXCLUDE (
        invoice_id, invoice_prefix, tax_id, payment_days, margin_floor, cost, margin, content_sha256, place,
        days
    ),
    numbered.invoice_id AS document_id,
    entry.seq,
    concat(invoice_prefix, '-', strftime(issue_date, '%Y'), '-', format('{:06d}', place)) AS number,
    'invoice' AS kind,
    issue_date + CAST(days AS INTEGER) AS due_date,
    'Ann' AS prepared_by,
    'Bob' AS issued_by,
    '' AS sha256
FROM numbered
INNER JOIN billing.register_entry AS entry
    ON entry.subject = numbered.invoice_id
    AND entry.kind = 'issue'
"""
LINES = """
INSERT INTO billing.document_line BY NAME
SELECT
    line.* EXCLUDE (
        invoice_id, billing_entity_id, billed_customer_id, currency, tax_code, tax_name, exemption_reason
    ),
    line.invoice_id AS document_id
FROM billing.draft_line AS line
SEMI JOIN numbered ON numbered.invoice_id = line.invoice_id
"""
TAXES = """
INSERT INTO billing.document_tax BY NAME
SELECT tax.* EXCLUDE (invoice_id, month, currency), tax.invoice_id AS document_id
FROM billing.draft_tax AS tax
SEMI JOIN numbered ON numbered.invoice_id = tax.invoice_id
"""


def forget(connection: duckdb.DuckDBPyConnection) -> None:
    """Make it that nothing was ever issued."""
    for table in ("register_entry", "document", "document_line", "document_tax"):
        connection.execute(f"DELETE FROM billing.{table}")


def issue(connection: duckdb.DuckDBPyConnection, months: Collection[date]) -> None:
    """Issue the drafts of these months, and close the first.

    Each month is reviewed by Ann and issued by Bob on the second day of the next.
    """
    connection.execute(NUMBERED.format(months=literals(months)))
    connection.execute(ENTRIES.format(closed=min(months)))
    for statement in (DOCUMENTS, LINES, TAXES):
        connection.execute(statement)
    connection.execute("DROP TABLE numbered")
