-- On what terms a customer's usage of a month is billed, and to whom: itself, or the nearest customer
-- above it that gets its own invoice. The latest terms that hold in the month hold for the month.
-- grain: one customer in one month
-- key: month, customer_id
-- source: reference.customer, reference.billing_entity
-- partition: month
-- rebuilds: month
-- rounding: none
CREATE TABLE IF NOT EXISTS billing.customer_terms (
    month DATE NOT NULL,
    customer_id VARCHAR NOT NULL,
    customer_name VARCHAR NOT NULL,
    billed_customer_id VARCHAR NOT NULL,
    billed_customer_name VARCHAR NOT NULL,
    billing_entity_id VARCHAR NOT NULL,
    time_zone VARCHAR NOT NULL, -- of the billing entity
    currency VARCHAR NOT NULL,
    rate_card VARCHAR NOT NULL,
    tax_code VARCHAR NOT NULL,
    tax_id VARCHAR, -- of the billed customer, as the next
    po_number VARCHAR,
    payment_days INTEGER NOT NULL,
    margin_floor DECIMAL(7,4) -- percent of the net; null for none
);
WITH RECURSIVE
dated AS (
    SELECT
        build.month,
        customer.*,
        row_number() OVER (
            PARTITION BY build.month, customer.customer_id
            ORDER BY customer.valid_from DESC
        ) AS place
    FROM reference.customer AS customer
    INNER JOIN ops.build_month AS build
        ON customer.valid_from <= build.last_day
        AND (customer.valid_to IS NULL OR customer.valid_to > build.month)
),
terms AS (
    SELECT * FROM dated WHERE place = 1
),
chain AS (
    SELECT month, customer_id, name AS customer_name, terms AS above FROM terms
    UNION ALL
    SELECT chain.month, chain.customer_id, chain.customer_name, terms AS above
    FROM chain
    INNER JOIN terms
        ON terms.month = chain.month
        AND terms.customer_id = chain.above.parent_customer_id
    WHERE chain.above.bill_to = 'parent'
)
SELECT
    chain.month,
    chain.customer_id,
    chain.customer_name,
    chain.above.customer_id AS billed_customer_id,
    chain.above.name AS billed_customer_name,
    chain.above.billing_entity_id,
    entity.time_zone,
    chain.above.currency,
    chain.above.rate_card,
    chain.above.tax_code,
    chain.above.tax_id,
    chain.above.po_number,
    CAST(entity.payment_days AS INTEGER) AS payment_days,
    entity.margin_floor
FROM chain
INNER JOIN reference.billing_entity AS entity
    ON entity.billing_entity_id = chain.above.billing_entity_id
WHERE chain.above.bill_to = 'self';
