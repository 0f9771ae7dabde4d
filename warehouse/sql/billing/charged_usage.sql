-- Usage with the charge it is part of: what a customer used of a SKU and dimension in a month is priced as one,
-- or all on its invoice together where the price is pooled; and what all customers used of it through one
-- vendor connection. Usage records without a quantity are in none.
-- grain: one usage record on one side
-- key: side, usage_record_id
-- asset: no, a step on the way to others
-- source: billing.priced_usage, billing.price_in_force
CREATE OR REPLACE VIEW billing.charged_usage AS
WITH
price AS (
    SELECT DISTINCT
        in_force.price_id,
        in_force.month,
        in_force.side,
        in_force.rate_card,
        in_force.price_customer_id,
        in_force.sku,
        in_force.dimension,
        in_force.time_zone,
        in_force.pooled
    FROM billing.price_in_force AS in_force
),
usage AS (
    SELECT
        priced.* EXCLUDE (price_customer_id, time_zone),
        CASE WHEN price.pooled THEN priced.billed_customer_id ELSE priced.customer_id END AS charged_customer_id,
        price.price_id,
        price.pooled
    FROM billing.priced_usage AS priced
    INNER JOIN price
        ON price.month = priced.month
        AND price.side = priced.side
        AND price.rate_card = priced.rate_card
        AND price.price_customer_id = priced.price_customer_id
        AND price.sku = priced.sku
        AND price.dimension = priced.dimension
        AND price.time_zone = priced.time_zone
    WHERE priced.quantity IS NOT NULL
)
SELECT
    *,
    billing.charge_id(
        month,
        side,
        billing_entity_id,
        billed_customer_id,
        charged_customer_id,
        vendor,
        connection,
        currency,
        sku,
        dimension
    ) AS charge_id
FROM usage;
