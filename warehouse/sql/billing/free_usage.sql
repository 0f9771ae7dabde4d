-- What usage costs us that is charged at nothing, as a first tier that is free: it stands on no invoice, and
-- lessens the margin all the same.
-- grain: one customer, SKU and dimension of one billed customer in one currency and month
-- key: month, billing_entity_id, billed_customer_id, currency, customer_id, sku, dimension
-- asset: no, a step on the way to others
-- source: billing.charge
-- units: the invoice's currency
CREATE OR REPLACE VIEW billing.free_usage AS
SELECT
    month,
    billing_entity_id,
    billed_customer_id,
    currency,
    customer_id,
    sku,
    dimension,
    CAST(CASE WHEN count(*) = count(cost_amount) THEN sum(cost_amount) END AS DECIMAL(37,15)) AS cost -- null: not known
FROM billing.charge
WHERE exact_amount = 0
    AND kind IN ('usage', 'cost_plus', 'percentage')
GROUP BY month, billing_entity_id, billed_customer_id, currency, customer_id, sku, dimension;
