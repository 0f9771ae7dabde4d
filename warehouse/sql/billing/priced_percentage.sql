-- Who is charged a percentage without usage of its SKU: customers with usage of what it is taken of.
-- grain: one customer and SKU that may be priced by percentage
-- key: month, customer_id, sku
-- source: billing.priced_usage, reference.rate
CREATE OR REPLACE VIEW billing.priced_percentage AS
WITH
bought AS (
    SELECT DISTINCT
        month, billing_entity_id, billed_customer_id, customer_id, currency, rate_card, time_zone, sku
    FROM billing.priced_usage
    WHERE side = 'sell'
)
SELECT DISTINCT
    bought.month,
    bought.billing_entity_id,
    bought.billed_customer_id,
    bought.customer_id,
    bought.currency,
    bought.rate_card,
    CASE WHEN own.customer_id IS NULL THEN '' ELSE bought.billed_customer_id END AS price_customer_id,
    bought.time_zone,
    rate.sku
FROM bought
INNER JOIN reference.rate AS rate
    ON rate.rate_card = bought.rate_card
    AND (rate.customer_id = '' OR rate.customer_id = bought.billed_customer_id)
    AND rate.dimension = ''
    AND rate.model = 'percentage'
    AND (rate.basis = '*' OR rate.basis = bought.sku)
    AND rate.valid_from <= last_day(bought.month)
    AND (rate.valid_to IS NULL OR rate.valid_to > bought.month)
LEFT JOIN (
    SELECT DISTINCT rate_card, customer_id, sku FROM reference.rate WHERE customer_id <> ''
) AS own
    ON own.rate_card = bought.rate_card
    AND own.customer_id = bought.billed_customer_id
    AND own.sku = rate.sku
LEFT JOIN bought AS used
    ON used.month = bought.month
    AND used.customer_id = bought.customer_id
    AND used.sku = rate.sku
WHERE used.sku IS NULL;
