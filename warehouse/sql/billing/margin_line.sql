-- What is left of each line that customers are asked to pay, after what the vendors charge us for it: drafts
-- and issued documents, voided ones left out, credit notes counted in. Usage that is charged at nothing stands
-- on no invoice, and has a line here all the same. billing.margin adds them up.
-- grain: one line of one document; and one of free usage
-- key: month, billing_entity_id, billed_customer_id, customer_id, currency, invoice_line_id, sku, dimension
-- asset: no, a step on the way to others
-- source: billing.invoice_line, billing.free_usage, billing.usage_record
-- units: the invoice's currency
CREATE OR REPLACE VIEW billing.margin_line AS
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
        dimension,
        currency,
        invoice_line_id,
        number,
        status,
        line_no,
        kind,
        description,
        quantity,
        unit,
        unit_price,
        price_currency,
        amount,
        cost_amount,
        -- Only what was metered can have a cost that is not known; what is given back costs nothing more.
        kind IN ('usage', 'included', 'cost_plus', 'percentage', 'correction')
        AND document_kind = 'invoice'
        AND cost_amount IS NULL AS cost_unknown
    FROM billing.invoice_line
    WHERE status <> 'voided'
    UNION ALL BY NAME
    SELECT
        month,
        billing_entity_id,
        billed_customer_id,
        customer_id,
        month AS used_in,
        sku,
        dimension,
        currency,
        'free' AS kind,
        'Usage that is charged at nothing' AS description,
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
    line.dimension,
    line.currency,
    line.invoice_line_id, -- null, as the next three, of what stands on no invoice
    line.number, -- null on a draft
    line.status,
    line.line_no,
    line.kind,
    line.description,
    line.quantity,
    line.unit,
    line.unit_price,
    line.price_currency,
    line.amount AS revenue,
    line.cost_unknown,
    CASE WHEN NOT line.cost_unknown THEN CAST(coalesce(line.cost_amount, 0) AS DECIMAL(37,15)) END AS cost,
    CASE WHEN NOT line.cost_unknown
        THEN CAST(line.amount - coalesce(line.cost_amount, 0) AS DECIMAL(37,15))
    END AS margin
FROM line
LEFT JOIN supplied
    ON supplied.month = line.used_in
    AND supplied.sku = line.sku;
