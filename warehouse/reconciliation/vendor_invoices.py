"""Vendors' invoices of a month beside what was used and what we billed, in a few lines."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from pathlib import Path

from warehouse.query import Answer, in_cents, query


def by_vendor(warehouse: Path, month: date) -> Answer:
    """What a vendor invoiced for a month, of the invoices that were brought: lines, how many meet, the money.

    Parameters:
        month: any day of it.

    Returns:
        A row for each connection and currency, by the number of the first invoice; none where no invoice
        was brought. Amounts have the digits of their currency. `expected` is by the cost cards, each
        customer and SKU in cents; None where some of it is unknown.

    Raises:
        QueryRefused: nothing is published yet.
    """
    answer = query(
        warehouse,
        """
        SELECT match.vendor, match.connection, min(match.documents) AS invoice,
            CAST(sum(match.lines) AS BIGINT) AS lines,
            CAST(sum(CASE WHEN match.cause IS NULL THEN match.lines ELSE 0 END) AS BIGINT) AS meet,
            count(CASE WHEN match.cause IS NOT NULL THEN 1 END) AS breaks,
            match.currency, sum(match.invoiced_amount) AS invoiced,
            CASE WHEN count(match.expected_amount) = count(*)
                THEN sum(billing.cents(match.expected_amount, currency.minor_unit)) END AS expected
        FROM reconciliation.three_way AS match
        LEFT JOIN reference.currency AS currency ON currency.currency = match.currency
        WHERE match.month = ? AND match.vendor_invoice = 'imported'
        GROUP BY match.vendor, match.connection, match.currency
        ORDER BY match.vendor, match.connection, match.currency
        """,
        [month.replace(day=1)],
    )
    return in_cents(answer, ("invoiced", "expected"))


def imported_elsewhere(
    warehouse: Path, vendor: str, connection: str, numbers: Collection[str], *, day: date, mapping: str
) -> list[tuple[str, date, str]]:
    """The first of some invoices of a vendor that was imported for another day, or by another mapping.

    Parameters:
        vendor, connection: whose invoices they are.
        numbers: of the invoices.
        day, mapping: the usage date and the name of the mapping that do not count as other ones.

    Returns:
        Its number, day and mapping; nothing when there is none.

    Raises:
        QueryRefused: nothing is published yet.
    """
    return query(
        warehouse,
        """
        SELECT invoice_number, usage_date, connection
        FROM raw.files_invoices
        WHERE for_vendor = ? AND for_connection = ? AND (usage_date <> ? OR connection <> ?)
            AND invoice_number IN (SELECT unnest(?::VARCHAR[]))
        ORDER BY ALL
        LIMIT 1
        """,
        [vendor, connection, day, mapping, [*numbers]],
    ).rows
