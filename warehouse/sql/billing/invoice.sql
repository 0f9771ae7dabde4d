-- What one customer is to pay for one month: the drafts, and every document that was issued. Credit notes
-- stand here too, below zero.
-- grain: one draft or issued document
-- key: invoice_id
-- source: billing.draft, billing.document, billing.document_line, billing.voided_document,
--     billing.register_entry, billing.free_usage
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
        bool_or(
            kind IN ('usage', 'included', 'cost_plus', 'percentage', 'correction') AND cost_amount IS NULL
        ) AS cost_unknown,
        coalesce(sum(cost_amount), 0) AS cost
    FROM billing.document_line
    GROUP BY document_id
),
free AS (
    SELECT
        month,
        billing_entity_id,
        billed_customer_id,
        currency,
        CASE WHEN count(*) = count(cost) THEN sum(cost) END AS cost
    FROM billing.free_usage
    GROUP BY month, billing_entity_id, billed_customer_id, currency
),
issued AS (
    SELECT
        document.*,
        CASE WHEN voided.document_id IS NULL THEN 'issued' ELSE 'voided' END AS status,
        -- What is given back costs nothing more.
        CASE WHEN document.kind = 'credit_note' OR NOT costed.cost_unknown
            THEN CAST(costed.cost + CASE WHEN free.month IS NULL THEN 0 ELSE free.cost END AS DECIMAL(37,15))
        END AS cost
    FROM billing.document AS document
    LEFT JOIN billing.voided_document AS voided
        ON voided.document_id = document.document_id
    LEFT JOIN costed
        ON costed.document_id = document.document_id
    LEFT JOIN free
        ON free.month = document.month
        AND free.billing_entity_id = document.billing_entity_id
        AND free.billed_customer_id = document.billed_customer_id
        AND free.currency = document.currency
        AND document.kind = 'invoice'
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
    document_id AS invoice_id,
    kind AS document_kind,
    number,
    status,
    billing_entity_id,
    billed_customer_id,
    billed_customer_name,
    currency,
    month,
    period_start,
    period_end,
    issue_date,
    due_date,
    CAST(date_diff('day', issue_date, due_date) AS INTEGER) AS payment_days,
    po_number,
    reference_number,
    lines,
    net,
    tax,
    total,
    cost,
    CAST(net - cost AS DECIMAL(37,15)) AS margin,
    NULL AS content_sha256
FROM issued;
