-- The taxes of drafts and issued documents: one for each category and percent.
-- grain: one category and percent on one draft or issued document
-- key: invoice_id, category, percent
-- source: billing.draft_tax, billing.document_tax, billing.invoice
-- units: the invoice's currency
CREATE OR REPLACE VIEW billing.invoice_tax AS
WITH
tax AS (
    SELECT invoice_id, tax_code, name, category, percent, exemption_reason, taxable, tax FROM billing.draft_tax
    UNION ALL
    SELECT document_id AS invoice_id, tax_code, name, category, percent, exemption_reason, taxable, tax
    FROM billing.document_tax
)
SELECT
    tax.invoice_id,
    invoice.document_kind,
    invoice.number,
    invoice.status,
    invoice.month,
    tax.tax_code,
    tax.name,
    tax.category,
    tax.percent,
    tax.exemption_reason,
    invoice.currency,
    tax.taxable,
    tax.tax
FROM tax
INNER JOIN billing.invoice AS invoice
    ON invoice.invoice_id = tax.invoice_id;
