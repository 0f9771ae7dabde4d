"""Invoices and restatements as tables for people."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from warehouse.query import Answer, in_cents, query

INVOICES = """
SELECT
    coalesce(number, '') AS number,
    status,
    document_kind AS kind,
    billing_entity_id AS entity,
    billed_customer_id AS customer,
    billed_customer_name AS name,
    currency,
    net,
    tax,
    total,
    coalesce(reference_number, '') AS "for"
FROM billing.invoice
WHERE month = ?
ORDER BY entity, number = '', number, customer, currency
"""
RESTATEMENTS = """
SELECT
    left(restatement_id, 8) AS id,
    strftime(restates_month, '%Y-%m') AS month,
    coalesce(restates_number, '') AS invoice,
    billed_customer_id AS billed,
    customer_id AS customer,
    sku,
    currency,
    CAST(billed_amount + corrected_amount AS DECIMAL(18,4)) AS billed_so_far,
    CAST(rated_amount AS DECIMAL(18,4)) AS rated_now,
    CAST(waived_amount AS DECIMAL(18,4)) AS waived,
    CAST(open_amount AS DECIMAL(18,4)) AS open,
    status,
    coalesce(strftime(booked_month, '%Y-%m'), '') AS booked_in,
    cause
FROM billing.restatement
WHERE ? IS NULL OR restates_month = ?
ORDER BY restates_month, billed, customer, sku, id
"""


def invoices(warehouse: Path, month: date) -> Answer:
    """The drafts and documents of a month.

    Parameters:
        warehouse: the published file.
        month: first day.

    Raises:
        QueryRefused: nothing is published yet.
    """
    return in_cents(query(warehouse, INVOICES, [month]), ("net", "tax", "total"))


def restatements(warehouse: Path, month: date | None) -> Answer:
    """What is no longer what was billed.

    Parameters:
        warehouse: the published file.
        month: first day of the month that changed; None for all.

    Raises:
        QueryRefused: nothing is published yet.
    """
    answer = query(warehouse, RESTATEMENTS, [month, month])
    return in_cents(answer, ("billed_so_far", "rated_now", "waived", "open"))
