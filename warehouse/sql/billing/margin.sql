-- What is left of what customers are asked to pay, after what the vendors charge us for it: drafts and
-- issued documents, voided ones left out, credit notes counted in.
-- grain: one customer, SKU and vendor on the documents of one billed customer in one currency and month
-- key: month, billing_entity_id, billed_customer_id, customer_id, currency, sku, vendor
-- source: billing.invoice_line, billing.free_usage, billing.usage_record
-- units: the invoice's currency
CREATE OR REPLACE VIEW billing.margin AS
WITH
-- From whom a SKU comes: mostly one vendor, otherwise all of them by name.
supplied AS (
    SELECT month, sku, string_agg(DISTINCT vendor, ', ' ORDER BY vendor) AS vendor
    FROM billing.usage_record
    GROUP BY month, sku
),
line AS (
    SELECT
        month,
        billing_entity_id,
        billed_customer_id,
        customer_id,
        coalesce(restates_month, month) AS used_in,
        sku,
        currency,
        amount,
        cost_amount,
        -- Only what was metered can have a cost that is not known; what is given back costs nothing more.
        kind IN ('usage', 'included', 'cost_plus', 'percentage', 'correction')
        AND document_kind = 'invoice'
        AND cost_amount IS NULL AS cost_unknown
    FROM billing.invoice_line
    WHERE status <> 'voided'
    UNION ALL
    SELECT
        month,
        billing_entity_id,
        billed_customer_id,
        customer_id,
        month AS used_in,
        sku,
        currency,
        0 AS amount,
        cost AS cost_amount,
        cost IS NULL AS cost_unknown
    FROM billing.free_usage
)
SELECT
    line.month,
    line.billing_entity_id,
    line.billed_customer_id,
    line.customer_id,
    coalesce(supplied.vendor, '') AS vendor,
    line.sku,
    line.currency,
    CAST(sum(line.amount) AS DECIMAL(18,4)) AS revenue,
    CAST(coalesce(sum(line.amount) FILTER (WHERE line.cost_unknown), 0) AS DECIMAL(18,4)) AS revenue_of_unknown_cost,
    CASE WHEN NOT bool_or(line.cost_unknown)
        THEN CAST(coalesce(sum(line.cost_amount), 0) AS DECIMAL(37,15))
    END AS cost, -- null, as the margin, when the cost of a line is not known
    CASE WHEN NOT bool_or(line.cost_unknown)
        THEN CAST(sum(line.amount) - coalesce(sum(line.cost_amount), 0) AS DECIMAL(37,15))
    END AS margin
FROM line
LEFT JOIN supplied
    ON supplied.month = line.used_in
    AND supplied.sku = line.sku
GROUP BY
    line.month, line.billing_entity_id, line.billed_customer_id, line.customer_id, supplied.vendor, line.sku,
    line.currency;
