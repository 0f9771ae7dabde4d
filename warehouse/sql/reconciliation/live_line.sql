-- The lines that customers are asked to pay: of drafts, and of issued invoices that were not voided. What a
-- credit note gives back of them is looked at apart.
-- grain: one line of one draft or live invoice
-- key: invoice_id, line_no
-- asset: no, a step on the way to others
-- source: billing.draft_line, billing.document_line, billing.live_invoice
-- units: quantity in the SKU's unit; unit_price in price_currency; amounts in the invoice's currency
CREATE OR REPLACE VIEW reconciliation.live_line AS
SELECT
    * EXCLUDE (tax_code, tax_name, exemption_reason),
    NULL AS number,
    CAST(NULL AS TIMESTAMPTZ) AS issued_at,
    CAST(NULL AS DATE) AS issue_date,
    'the draft' AS document -- as a sentence calls it
FROM billing.draft_line
UNION ALL BY NAME
SELECT
    line.* EXCLUDE (document_id),
    line.document_id AS invoice_id,
    invoice.billing_entity_id,
    invoice.billed_customer_id,
    invoice.currency,
    invoice.number,
    invoice.issued_at,
    invoice.issue_date,
    concat('invoice ', invoice.number) AS document
FROM billing.document_line AS line
INNER JOIN billing.live_invoice AS invoice
    ON invoice.document_id = line.document_id;
