-- The lines of drafts and issued documents. Every month's are here, whatever became of them: leave out the
-- voided ones to know what customers are asked to pay.
-- grain: one line of one draft or issued document
-- key: invoice_id, line_no
-- source: billing.draft_line, billing.document_line, billing.invoice
-- units: quantity in the SKU's unit; unit_price in price_currency; amounts in the invoice's currency
CREATE OR REPLACE VIEW billing.invoice_line AS
WITH
line AS (
    SELECT
        * EXCLUDE (billing_entity_id, billed_customer_id, currency, tax_code, tax_name, exemption_reason)
    FROM billing.draft_line
    UNION ALL BY NAME
    SELECT * EXCLUDE (document_id), document_id AS invoice_id FROM billing.document_line
)
SELECT
    line.invoice_line_id,
    line.invoice_id,
    invoice.document_kind,
    invoice.number,
    invoice.status,
    line.line_no,
    line.month,
    invoice.billing_entity_id,
    invoice.billed_customer_id,
    line.customer_id,
    line.charge_line_id,
    line.kind,
    line.sku,
    line.dimension,
    line.tier_no,
    line.service_period_start,
    line.service_period_end,
    line.description,
    line.rule,
    line.quantity,
    line.unit,
    line.unit_price,
    line.price_currency,
    line.fx_rate,
    invoice.currency,
    line.exact_amount,
    line.amount,
    line.cost_amount,
    CAST(line.amount - line.cost_amount AS DECIMAL(37,15)) AS margin,
    line.rate_card,
    line.contract_id,
    line.tax_class,
    line.tax_category,
    line.tax_percent,
    line.charge_class,
    line.restates_month,
    line.restates_number,
    line.days_expected,
    line.days_reported,
    line.days_filled
FROM line
INNER JOIN billing.invoice AS invoice
    ON invoice.invoice_id = line.invoice_id;
