"""What of the tables one invoice needs, and nothing of other customers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import duckdb

from warehouse.audit.recompute import GIVEN, reference_ddl
from warehouse.models import literals, quoted
from warehouse.register import Content

# Customers on the invoice, on those it corrects, and on those whose charges count to a commitment of it.
NEEDED = """
CREATE OR REPLACE TEMP TABLE needed AS
WITH
asked AS (
    SELECT terms.month, terms.billed_customer_id, terms.customer_id
    FROM billing.customer_terms AS terms
    WHERE terms.billed_customer_id = $billed AND list_contains($months, terms.month)
),
counted AS (
    SELECT past.month, past.billed_customer_id
    FROM reference.commitment AS commitment
    INNER JOIN reference.contract AS contract
        ON contract.contract_id = commitment.contract_id
    INNER JOIN asked
        ON asked.customer_id = contract.customer_id
        AND commitment.valid_to = last_day(asked.month) + 1
    INNER JOIN billing.customer_terms AS past
        ON past.customer_id = contract.customer_id
        AND past.month >= commitment.valid_from
        AND past.month <= asked.month
    WHERE commitment.period = 'term'
)
SELECT customer_id FROM asked
UNION
SELECT terms.customer_id
FROM counted
INNER JOIN billing.customer_terms AS terms
    ON terms.month = counted.month
    AND terms.billed_customer_id = counted.billed_customer_id
UNION
SELECT $billed
"""
OURS = "(SELECT customer_id FROM needed)"
CONTRACTS = f"(SELECT contract_id FROM reference.contract WHERE customer_id IN {OURS})"  # noqa: S608  # our own
CARDS = f"(SELECT rate_card FROM reference.customer WHERE customer_id IN {OURS})"  # noqa: S608
VENDORS = f"(SELECT vendor FROM reference.account_mapping WHERE customer_id IN {OURS})"  # noqa: S608
CODES = f"(SELECT tax_code FROM reference.customer WHERE customer_id IN {OURS})"  # noqa: S608
ENTITIES = f"(SELECT billing_entity_id FROM reference.customer WHERE customer_id IN {OURS})"  # noqa: S608
OF_REFERENCE = {
    "billing_entity": f"billing_entity_id IN {ENTITIES}",
    "customer": f"customer_id IN {OURS}",
    "account_mapping": f"customer_id IN {OURS}",
    "meter": f"vendor IN {VENDORS}",
    "sku_mapping": f"vendor IN {VENDORS}",
    "rate_card": f"rate_card IN {CARDS}",
    "rate": f"rate_card IN {CARDS} AND (customer_id = '' OR customer_id IN {OURS})",
    "vendor_terms": "false",  # what the vendors charge us is of all our customers together
    "contract": f"customer_id IN {OURS}",
    "contract_item": f"contract_id IN {CONTRACTS}",
    "commitment": f"contract_id IN {CONTRACTS}",
    "discount": f"customer_id IN {OURS}",
    "tax_rate": f"tax_code IN {CODES}",
}
"""Of which reference tables not all rows are needed."""


def slices(
    tables: duckdb.DuckDBPyConnection, document: Content, months: set[date]
) -> Iterator[tuple[str, str]]:
    """Each table that an invoice is computed from, and the SELECT of the rows it needs.

    Parameters:
        tables: as the invoice was issued, with `months`.
        document: the invoice.
        months: first days.
    """
    restated = {line["restates_month"] for line in document["lines"] if line["restates_month"]}
    asked = [date.fromisoformat(month) for month in {document["month"], *restated}]
    tables.execute(NEEDED, {"billed": document["billed_customer_id"], "months": asked})
    for name in reference_ddl():
        clause = OF_REFERENCE.get(name.removeprefix("reference."), "true")
        yield name, f"SELECT * FROM {name} WHERE {clause}"  # noqa: S608  # our own names
    own = _own(document, months)
    for name in GIVEN:
        yield name, own[name]


def _own(document: Content, months: set[date]) -> dict[str, str]:
    customer, entity = quoted(document["billed_customer_id"]), quoted(document["billing_entity_id"])
    documents = f"(SELECT document_id FROM billing.document WHERE billed_customer_id = {customer})"  # noqa: S608
    return {
        "ops.pull": f"SELECT * FROM ops.pull WHERE usage_date >= {literals([min(months)])}",  # noqa: S608
        "ops.build_month": "SELECT * FROM ops.build_month",
        "ops.calendar": "SELECT * FROM ops.calendar",
        "staging.usage_snapshot": f"""
            SELECT reading.*
            FROM staging.usage_snapshot AS reading
            SEMI JOIN (SELECT * FROM reference.account_mapping WHERE customer_id IN {OURS}) AS mapping
                ON mapping.vendor = reading.vendor
                AND mapping.connection = reading.connection
                AND mapping.account_id = reading.account_id
                AND mapping.valid_from <= reading.usage_date
                AND (mapping.valid_to IS NULL OR mapping.valid_to > reading.usage_date)
            ORDER BY ALL
        """,  # noqa: S608
        "billing.usage_cost": f"""
            SELECT cost.*
            FROM billing.usage_cost AS cost
            SEMI JOIN (
                SELECT usage.usage_record_id
                FROM billing.charge_usage AS usage
                SEMI JOIN billing.rated_cost_plus AS plus
                    ON plus.charge_id = usage.charge_id
                WHERE usage.customer_id IN {OURS}
            ) AS passed_on
                ON passed_on.usage_record_id = cost.usage_record_id
        """,  # noqa: S608
        "billing.document": f"SELECT * FROM billing.document WHERE document_id IN {documents}",  # noqa: S608
        "billing.document_line": f"SELECT * FROM billing.document_line WHERE document_id IN {documents}",  # noqa: S608
        "billing.document_tax": f"SELECT * FROM billing.document_tax WHERE document_id IN {documents}",  # noqa: S608
        "billing.register_entry": f"""
            SELECT * REPLACE (CASE kind WHEN 'waive' THEN body ELSE '{{}}' END AS body)
            FROM billing.register_entry
            WHERE (kind = 'void' AND subject IN {documents})
                OR (kind IN ('close', 'reopen') AND billing_entity_id = {entity})
                OR (kind = 'waive' AND json_extract_string(body, '$.billed_customer_id') = {customer})
        """,  # noqa: S608
    }
