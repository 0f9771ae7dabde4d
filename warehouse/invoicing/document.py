"""An invoice as the register keeps it: all that is needed to print it and to check it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from warehouse.invoicing.days import day_of
from warehouse.invoicing.session import Row, Tables

SELLER = ("billing_entity_id", "name", "country", "tax_id", "time_zone", "invoice_prefix")
LINES = """
SELECT * FROM billing.draft_line WHERE month = ? ORDER BY invoice_id, line_no
"""
TAXES = "SELECT * FROM billing.draft_tax WHERE month = ? ORDER BY invoice_id, category, percent"
BUYERS = """
SELECT customer_id, name, country, tax_id
FROM reference.customer
WHERE valid_from <= last_day(CAST(? AS DATE))
ORDER BY valid_from
"""
MINOR_UNITS = "SELECT currency, minor_unit FROM reference.currency"
# Said once for the whole document.
OF_THE_DOCUMENT = {"invoice_id", "month", "billing_entity_id", "billed_customer_id", "currency"}


class Contents:
    """Lines, taxes and parties of a month's drafts.

    Parameters:
        tables: the published warehouse.
        month: first day.
    """

    def __init__(self, tables: Tables, month: date) -> None:
        self._lines = _by_invoice(tables.rows(LINES, month))
        self._taxes = _by_invoice(tables.rows(TAXES, month))
        self._buyers = {row["customer_id"]: row for row in tables.rows(BUYERS, month)}
        self._minor_units = {row["currency"]: row["minor_unit"] for row in tables.rows(MINOR_UNITS)}

    def months(self, draft: Row) -> set[date]:
        """The months whose usage a draft charges."""
        lines = self._lines.get(draft["invoice_id"], [])
        return {draft["month"], *(line["restates_month"] for line in lines if line["restates_month"])}

    def invoice(self, draft: Row, entity: Row, number: str, at: datetime) -> Row:
        """The document, but for who made it and from what.

        Parameters:
            draft: row of `billing.draft`.
            entity: row of `reference.billing_entity`.
            at: the instant of issue.
        """
        lines = self._lines.get(draft["invoice_id"], [])
        days = entity["payment_days"] if draft["payment_days"] is None else draft["payment_days"]
        issued_on = day_of(at, entity["time_zone"])
        return {
            "document_id": draft["invoice_id"],
            "kind": "invoice",
            "number": number,
            "month": draft["month"],
            "period_start": draft["period_start"],
            "period_end": draft["period_end"],
            "issue_date": issued_on,
            "due_date": issued_on + timedelta(days=int(days)),
            "po_number": draft["po_number"],
            "reference_number": None,
            "reason": None,
            "billing_entity_id": draft["billing_entity_id"],
            "billed_customer_id": draft["billed_customer_id"],
            "billed_customer_name": draft["billed_customer_name"],
            "seller": {column: entity[column] for column in SELLER},
            "buyer": {
                **self._buyers.get(draft["billed_customer_id"], {"country": None, "tax_id": None}),
                "customer_id": draft["billed_customer_id"],
                "name": draft["billed_customer_name"],
            },
            "currency": draft["currency"],
            "minor_unit": self._minor_units[draft["currency"]],
            "lines": lines,
            "taxes": self._taxes.get(draft["invoice_id"], []),
            "net": draft["net"],
            "tax": draft["tax"],
            "total": draft["total"],
            "content_sha256": draft["content_sha256"],
            "issued_at": at,
        }


def does_not_add_up(document: Row) -> str:
    """What is wrong with the sums of a document; empty when nothing is.

    They are sums by construction, and checked before they are sealed for ever.
    """
    lines, taxes = document["lines"], document["taxes"]
    if any(tax is None for tax in (document["tax"], document["total"])):
        return "nobody says how it is taxed"
    if _sum(lines, "amount") != document["net"] or document["net"] + document["tax"] != document["total"]:
        return "its lines do not sum to its net, or net and tax not to its total"
    if _sum(taxes, "taxable") != document["net"] or _sum(taxes, "tax") != document["tax"]:
        return "its taxes do not sum to its tax"
    return ""


def _sum(rows: Sequence[Row], column: str) -> Decimal:
    return sum((row[column] for row in rows), Decimal(0))


def _by_invoice(rows: list[Row]) -> dict[str, list[Row]]:
    """The rows by invoice, each without what is said once for the whole document."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        said = {column: value for column, value in row.items() if column not in OF_THE_DOCUMENT}
        found.setdefault(row["invoice_id"], []).append(said)
    return found
