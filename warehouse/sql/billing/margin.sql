-- What is left of what customers are asked to pay, after what the vendors charge us for it: the lines of
-- billing.margin_line added up.
-- grain: one customer, SKU and vendor on the documents of one billed customer in one currency and month
-- key: month, billing_entity_id, billed_customer_id, customer_id, currency, sku, vendor
-- source: billing.margin_line
-- units: the invoice's currency
CREATE OR REPLACE VIEW billing.margin AS
SELECT
    month,
    billing_entity_id,
    billed_customer_id,
    customer_id,
    vendor,
    sku,
    currency,
    CAST(sum(revenue) AS DECIMAL(18,4)) AS revenue,
    CAST(coalesce(sum(revenue) FILTER (WHERE cost_unknown), 0) AS DECIMAL(18,4)) AS revenue_of_unknown_cost,
    -- Null, as the margin, when the cost of a line is not known.
    CASE WHEN NOT bool_or(cost_unknown) THEN CAST(sum(cost) AS DECIMAL(37,15)) END AS cost,
    CASE WHEN NOT bool_or(cost_unknown) THEN CAST(sum(margin) AS DECIMAL(37,15)) END AS margin
FROM billing.margin_line
GROUP BY month, billing_entity_id, billed_customer_id, customer_id, vendor, sku, currency;
