-- What is restated of the months that are built: what was billed of it is accounted for, and is not told again as a
-- difference between usage or contracts and lines.
-- grain: one customer, SKU and dimension on the invoices of one billed customer in one month
-- key: month, billing_entity_id, billed_customer_id, currency, customer_id, sku, dimension
-- asset: no, a step on the way to others
-- source: billing.restatement, billing.live_invoice, reference.version, ops.pull
-- partition: month
-- rebuilds: month
CREATE TABLE IF NOT EXISTS reconciliation.restated (
    month DATE NOT NULL,
    billing_entity_id VARCHAR NOT NULL,
    billed_customer_id VARCHAR NOT NULL,
    currency VARCHAR NOT NULL,
    customer_id VARCHAR NOT NULL,
    sku VARCHAR NOT NULL,
    dimension VARCHAR NOT NULL,
    is_learned BOOLEAN NOT NULL, -- whether anything was learned since the invoice was issued
    is_settled BOOLEAN NOT NULL -- whether issued corrections and waivers make up for it
);
WITH
-- When the last was learned of what a month is billed by.
learned AS (
    SELECT
        build.month,
        greatest(
            (SELECT max(pull.finished_at) FROM ops.pull AS pull WHERE pull.usage_date <= max(build.last_day)),
            (SELECT max(version.known_from) FROM reference.version AS version)
        ) AS learned_at
    FROM ops.build_month AS build
    GROUP BY build.month
)
SELECT
    restatement.restates_month AS month,
    restatement.billing_entity_id,
    restatement.billed_customer_id,
    restatement.currency,
    restatement.customer_id,
    restatement.sku,
    restatement.dimension,
    -- A month that was closed, or whose invoice was voided, is restated whole.
    bool_or(coalesce(learned.learned_at > invoice.issued_at, invoice.document_id IS NULL)) AS is_learned,
    bool_and(restatement.status = 'settled') AS is_settled
FROM billing.restatement AS restatement
INNER JOIN learned
    ON learned.month = restatement.restates_month
LEFT JOIN billing.live_invoice AS invoice
    ON invoice.month = restatement.restates_month
    AND invoice.billing_entity_id = restatement.billing_entity_id
    AND invoice.billed_customer_id = restatement.billed_customer_id
    AND invoice.currency = restatement.currency
GROUP BY ALL;
