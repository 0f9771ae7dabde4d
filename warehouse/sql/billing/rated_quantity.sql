-- What is priced as one: the usage records of a charge added up; and percentages that need no usage.
-- grain: one quantity to be priced on one side
-- key: charge_id
-- asset: no, a step on the way to others
-- source: billing.charged_usage, billing.priced_percentage, billing.priced_usage, billing.price_in_force
-- partition: month
-- rebuilds: month
-- units: the SKU's
-- rounding: none
CREATE TABLE IF NOT EXISTS billing.rated_quantity (
    charge_id VARCHAR NOT NULL,
    month DATE NOT NULL,
    side VARCHAR NOT NULL, -- sell or cost
    billing_entity_id VARCHAR NOT NULL, -- '' on the cost side, as the next two
    billed_customer_id VARCHAR NOT NULL,
    customer_id VARCHAR NOT NULL, -- the billed one when pooled
    vendor VARCHAR NOT NULL, -- '' on the sell side, as the next
    connection VARCHAR NOT NULL,
    currency VARCHAR NOT NULL, -- of the invoice, or of the cost card
    rate_card VARCHAR NOT NULL,
    price_id VARCHAR NOT NULL,
    sku VARCHAR NOT NULL,
    dimension VARCHAR NOT NULL,
    pooled BOOLEAN NOT NULL,
    customers BIGINT NOT NULL, -- whose included units count
    quantity DECIMAL(20,6) NOT NULL,
    days_expected INTEGER, -- these three of the record that is known least; null without usage
    days_reported INTEGER,
    days_filled INTEGER,
    subject VARCHAR NOT NULL, -- what and whose it is, in words
    metered VARCHAR NOT NULL -- how, in words
);
WITH
usage AS (
    SELECT usage.*
    FROM billing.charged_usage AS usage
    INNER JOIN ops.build_month AS build
        ON build.month = usage.month
),
pool AS (
    SELECT charge_id, count(DISTINCT customer_id) AS customers
    FROM usage
    WHERE pooled
        AND side = 'sell'
    GROUP BY charge_id
),
summed AS (
    SELECT
        charge_id,
        month,
        side,
        billing_entity_id,
        billed_customer_id,
        charged_customer_id,
        vendor,
        connection,
        currency,
        rate_card,
        price_id,
        sku,
        dimension,
        pooled,
        CAST(sum(quantity) AS DECIMAL(20,6)) AS quantity,
        max(days_expected) AS days_expected,
        min(days_reported) AS days_reported,
        max(days_filled) AS days_filled,
        min(aggregation) AS aggregation,
        max(aggregation) AS other_aggregation,
        min(CASE WHEN days_filled > 0 THEN gap_policy END) AS gap_policy,
        max(CASE WHEN days_filled > 0 THEN gap_policy END) AS other_gap_policy
    FROM usage
    GROUP BY ALL
)
SELECT
    summed.charged_customer_id AS customer_id,
    summed.* EXCLUDE (charged_customer_id, aggregation, other_aggregation, gap_policy, other_gap_policy),
    coalesce(pool.customers, 1) AS customers,
    concat(
        sku.name,
        CASE WHEN summed.dimension = '' THEN '' ELSE concat(', ', summed.dimension) END,
        CASE WHEN summed.charged_customer_id = summed.billed_customer_id THEN ''
            ELSE concat(', ', terms.customer_name)
        END
    ) AS subject,
    concat(
        CASE WHEN summed.aggregation <> summed.other_aggregation THEN ''
            ELSE CASE summed.aggregation
                WHEN 'sum' THEN ', sum of the days'
                WHEN 'count' THEN ', number of readings'
                WHEN 'unique_count' THEN ', how many different'
                WHEN 'peak' THEN ', highest day'
                WHEN 'last' THEN ', last day'
                WHEN 'average' THEN ', mean of the days'
                WHEN 'time_weighted' THEN ', mean of the hours'
                WHEN 'percentile' THEN ', percentile of the days'
                ELSE ', highest day of the term'
            END
        END,
        ', ',
        CAST(summed.days_reported AS VARCHAR),
        ' of ',
        CAST(summed.days_expected AS VARCHAR),
        ' days',
        CASE WHEN summed.days_filled = 0 THEN ''
            ELSE concat(
                ', ',
                CAST(summed.days_filled AS VARCHAR),
                CASE WHEN summed.gap_policy <> summed.other_gap_policy THEN ' filled'
                    ELSE CASE summed.gap_policy
                        WHEN 'carry' THEN ' carried'
                        WHEN 'zero' THEN ' as zero'
                        ELSE ' interpolated'
                    END
                END
            )
        END
    ) AS metered
FROM summed
INNER JOIN reference.sku AS sku
    ON sku.sku = summed.sku
LEFT JOIN billing.customer_terms AS terms
    ON terms.month = summed.month
    AND terms.customer_id = summed.charged_customer_id
LEFT JOIN pool
    ON pool.charge_id = summed.charge_id;
WITH
asked AS (
    SELECT
        percentage.month,
        'sell' AS side,
        percentage.billing_entity_id,
        percentage.billed_customer_id,
        CASE WHEN price.pooled THEN percentage.billed_customer_id ELSE percentage.customer_id END AS customer_id,
        '' AS vendor,
        '' AS connection,
        percentage.currency,
        percentage.rate_card,
        price.price_id,
        percentage.sku,
        '' AS dimension,
        price.pooled,
        count(DISTINCT percentage.customer_id) AS customers
    FROM billing.priced_percentage AS percentage
    INNER JOIN ops.build_month AS build
        ON build.month = percentage.month
    INNER JOIN billing.price_in_force AS price
        ON price.month = percentage.month
        AND price.side = 'sell'
        AND price.rate_card = percentage.rate_card
        AND price.price_customer_id = percentage.price_customer_id
        AND price.sku = percentage.sku
        AND price.dimension = ''
        AND price.time_zone = percentage.time_zone
    GROUP BY ALL
),
-- On whose invoice anybody has usage of the SKU, known or not.
used AS (
    SELECT DISTINCT usage.month, usage.billed_customer_id, usage.sku
    FROM billing.priced_usage AS usage
    INNER JOIN ops.build_month AS build
        ON build.month = usage.month
    WHERE usage.side = 'sell'
),
named AS (
    SELECT
        *,
        billing.charge_id(
            month,
            side,
            billing_entity_id,
            billed_customer_id,
            customer_id,
            vendor,
            connection,
            currency,
            sku,
            dimension
        ) AS charge_id
    FROM asked
)
SELECT
    named.*,
    CAST(0 AS DECIMAL(20,6)) AS quantity,
    concat(
        sku.name,
        CASE WHEN named.customer_id = named.billed_customer_id THEN '' ELSE concat(', ', terms.customer_name) END
    ) AS subject,
    '' AS metered
FROM named
INNER JOIN reference.sku AS sku
    ON sku.sku = named.sku
INNER JOIN billing.customer_terms AS terms
    ON terms.month = named.month
    AND terms.customer_id = named.customer_id
LEFT JOIN used
    ON used.month = named.month
    AND used.billed_customer_id = named.billed_customer_id
    AND used.sku = named.sku
WHERE used.sku IS NULL
    OR NOT named.pooled;
