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
    SELECT month, customer_id, customer_id AS billed_customer_id, bill_to, parent_customer_id
    FROM terms
    UNION ALL
    SELECT chain.month, chain.customer_id, above.customer_id, above.bill_to, above.parent_customer_id
    FROM chain
    INNER JOIN terms AS above
        ON above.month = chain.month
        AND above.customer_id = chain.parent_customer_id
    WHERE chain.bill_to = 'parent'
)
SELECT
    chain.month,
    chain.customer_id,
    own.name AS customer_name,
    chain.billed_customer_id,
    billed.name AS billed_customer_name,
    billed.billing_entity_id,
    entity.time_zone,
    billed.currency,
    billed.rate_card,
    billed.tax_code,
    billed.tax_id,
    billed.po_number,
    CAST(entity.payment_days AS INTEGER) AS payment_days,
    entity.margin_floor
FROM chain
INNER JOIN terms AS own
    ON own.month = chain.month
    AND own.customer_id = chain.customer_id
INNER JOIN terms AS billed
    ON billed.month = chain.month
    AND billed.customer_id = chain.billed_customer_id
INNER JOIN reference.billing_entity AS entity
    ON entity.billing_entity_id = billed.billing_entity_id
WHERE chain.bill_to = 'self';
