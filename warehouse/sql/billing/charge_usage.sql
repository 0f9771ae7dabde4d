-- Which usage records a priced quantity is made of: what a customer used of a SKU and dimension in a month,
-- or all on its invoice together where the price is pooled; and what all customers used of it through one
-- vendor connection. Usage records without a quantity are in none.
-- grain: one usage record on one side
-- key: side, usage_record_id
-- asset: no, a step on the way to others
-- source: billing.priced_usage, billing.price_in_force
-- partition: month
-- rebuilds: month
-- units: the SKU's
-- rounding: none
CREATE TABLE IF NOT EXISTS billing.charge_usage (
    charge_id VARCHAR NOT NULL,
    usage_record_id VARCHAR NOT NULL,
    month DATE NOT NULL,
    side VARCHAR NOT NULL, -- sell or cost
    billing_entity_id VARCHAR NOT NULL, -- '' on the cost side, as the next three
    billed_customer_id VARCHAR NOT NULL,
    charged_customer_id VARCHAR NOT NULL, -- the billed one when pooled
    customer_id VARCHAR NOT NULL, -- whose usage it is
    vendor VARCHAR NOT NULL, -- '' on the sell side, as the next
    connection VARCHAR NOT NULL,
    currency VARCHAR NOT NULL, -- of the invoice, or of the cost card
    rate_card VARCHAR NOT NULL,
    price_id VARCHAR NOT NULL,
    pooled BOOLEAN NOT NULL,
    sku VARCHAR NOT NULL,
    dimension VARCHAR NOT NULL,
    aggregation VARCHAR NOT NULL,
    quantity DECIMAL(20,6) NOT NULL,
    days_expected INTEGER NOT NULL,
    days_reported INTEGER NOT NULL,
    days_filled INTEGER NOT NULL,
    gap_policy VARCHAR
);
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
    INNER JOIN ops.build_month AS build
        ON build.month = in_force.month
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
