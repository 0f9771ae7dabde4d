-- What one customer is to pay for one month: the drafts, and every document that was issued. Credit notes
-- stand here too, below zero.
-- grain: one draft or issued document
-- key: invoice_id
-- source: billing.draft, billing.document, billing.document_line, billing.voided_document,
--     billing.register_entry
-- units: the invoice's currency
CREATE OR REPLACE VIEW billing.invoice AS
WITH
reviewed AS (
    SELECT
        subject AS invoice_id,
        json_extract_string(body, '$.content_sha256') AS content_sha256,
        row_number() OVER (PARTITION BY subject ORDER BY seq DESC) AS place
    FROM billing.register_entry
    WHERE kind = 'review'
),
costed AS (
    SELECT
        document_id,
        CASE WHEN NOT bool_or(
            kind IN ('usage', 'included', 'cost_plus', 'correction') AND cost_amount IS NULL
        ) THEN CAST(coalesce(sum(cost_amount), 0) AS DECIMAL(37,15)) END AS cost
    FROM billing.document_line
    GROUP BY document_id
)
SELECT
    draft.invoice_id,
    'invoice' AS document_kind,
    NULL AS number,
    CASE WHEN reviewed.content_sha256 = draft.content_sha256 THEN 'review' ELSE 'draft' END AS status,
    draft.billing_entity_id,
    draft.billed_customer_id,
    draft.billed_customer_name,
    draft.currency,
    draft.month,
    draft.period_start,
    draft.period_end,
    NULL AS issue_date,
    NULL AS due_date,
    draft.payment_days,
    draft.po_number,
    NULL AS reference_number,
    draft.lines,
    draft.net,
    draft.tax,
    draft.total,
    draft.cost,
    draft.margin,
    draft.content_sha256
FROM billing.draft AS draft
LEFT JOIN reviewed
    ON reviewed.invoice_id = draft.invoice_id
    AND reviewed.place = 1
UNION ALL
SELECT
    document.document_id AS invoice_id,
    document.kind AS document_kind,
    document.number,
    CASE WHEN voided.document_id IS NULL THEN 'issued' ELSE 'voided' END AS status,
    document.billing_entity_id,
    document.billed_customer_id,
    document.billed_customer_name,
    document.currency,
    document.month,
    document.period_start,
    document.period_end,
    document.issue_date,
    document.due_date,
    CAST(date_diff('day', document.issue_date, document.due_date) AS INTEGER) AS payment_days,
    document.po_number,
    document.reference_number,
    document.lines,
    document.net,
    document.tax,
    document.total,
    costed.cost,
    CAST(document.net - costed.cost AS DECIMAL(37,15)) AS margin,
    NULL AS content_sha256
FROM billing.document AS document
LEFT JOIN billing.voided_document AS voided
    ON voided.document_id = document.document_id
LEFT JOIN costed
    ON costed.document_id = document.document_id;
