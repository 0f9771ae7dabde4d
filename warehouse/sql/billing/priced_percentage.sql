-- Who may be charged a percentage without usage of its SKU: customers with usage of what it is taken of, and
-- who is billed for them, whose charges those at pooled prices are.
-- grain: one customer and SKU that may be priced by percentage
-- key: month, customer_id, sku
-- asset: no, a step on the way to others
-- source: billing.priced_usage, reference.rate
-- partition: month
-- rebuilds: month
CREATE TABLE IF NOT EXISTS billing.priced_percentage (
    month DATE NOT NULL,
    billing_entity_id VARCHAR NOT NULL,
    billed_customer_id VARCHAR NOT NULL,
    customer_id VARCHAR NOT NULL,
    currency VARCHAR NOT NULL, -- of the invoice
    rate_card VARCHAR NOT NULL,
    price_customer_id VARCHAR NOT NULL, -- who has prices of its own; '' for everybody else
    time_zone VARCHAR NOT NULL,
    sku VARCHAR NOT NULL
);
WITH
bought AS (
    SELECT DISTINCT
        usage.month,
        usage.billing_entity_id,
        usage.billed_customer_id,
        usage.customer_id,
        usage.currency,
        usage.rate_card,
        usage.time_zone,
        usage.sku
    FROM billing.priced_usage AS usage
    INNER JOIN ops.build_month AS build
        ON build.month = usage.month
    WHERE usage.side = 'sell'
),
buyer AS (
    SELECT * FROM bought
    UNION
    SELECT * REPLACE (billed_customer_id AS customer_id) FROM bought
),
asking AS (
    SELECT '' AS asked, buyer.* FROM buyer
    UNION ALL
    SELECT billed_customer_id AS asked, buyer.* FROM buyer
)
SELECT DISTINCT
    asking.month,
    asking.billing_entity_id,
    asking.billed_customer_id,
    asking.customer_id,
    asking.currency,
    asking.rate_card,
    coalesce(own.customer_id, '') AS price_customer_id,
    asking.time_zone,
    rate.sku
FROM asking
INNER JOIN reference.rate AS rate
    ON rate.rate_card = asking.rate_card
    AND rate.customer_id = asking.asked
    AND rate.dimension = ''
    AND rate.model = 'percentage'
    AND (rate.basis = '*' OR rate.basis = asking.sku)
    AND rate.valid_from <= last_day(asking.month)
    AND (rate.valid_to IS NULL OR rate.valid_to > asking.month)
LEFT JOIN (
    SELECT DISTINCT rate_card, customer_id, sku FROM reference.rate WHERE customer_id <> ''
) AS own
    ON own.rate_card = asking.rate_card
    AND own.customer_id = asking.billed_customer_id
    AND own.sku = rate.sku
LEFT JOIN bought AS used
    ON used.month = asking.month
    AND used.customer_id = asking.customer_id
    AND used.sku = rate.sku
WHERE used.sku IS NULL;
