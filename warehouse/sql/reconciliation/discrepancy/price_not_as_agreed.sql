-- The quantity is right and the price is not: lines at a price that the price list does not have for their days
-- (a price that was edited in place after it was billed, or a line that was), lines at the list price where the
-- customer has one of its own, and usage at a price of 0 that nobody wrote down as included or as a free tier.
-- A price that changed by a new row which was known by then is none of these: its lines have the new price from its
-- first day. What an edited price makes of an issued month is restated; it is told here until that is made up for,
-- in case nobody meant it. What is at 0 is worth the first tier of the list. A line whose amount is not that of its
-- own price is told by R-28, another exchange rate by R-41.
-- R-26: price change without a new row
-- R-30: zero price, or list price in place of the customer's own
-- stops: no
-- direction: each row
-- tolerance: amount 0, percent 0, count 0
-- guards: billing.invoice
-- vendors: all
-- source: reconciliation.billed_usage, reference.rate, reference.rate_card, billing.fx_in_force
WITH
usage AS (
    SELECT
        usage.*,
        CAST(coalesce(usage.expected_amount, 0) - coalesce(usage.billed_amount, 0) AS DECIMAL(37,15)) AS missing
    FROM reconciliation.billed_usage AS usage
    WHERE usage.month IN (SELECT month FROM ops.build_month)
        AND NOT usage.is_settled
),
-- What everybody else pays on these days.
list AS (
    SELECT DISTINCT usage.month, usage.rate_card, usage.sku, usage.service_period_start, rate.unit_price
    FROM usage
    INNER JOIN reference.rate AS rate
        ON rate.rate_card = usage.rate_card
        AND rate.sku = usage.sku
        AND rate.customer_id = ''
        AND rate.valid_from <= usage.service_period_start
        AND (rate.valid_to IS NULL OR rate.valid_to > usage.service_period_start)
    WHERE usage.has_own_price
),
otherwise AS (
    SELECT
        usage.*,
        CASE WHEN list.unit_price IS NULL THEN 'R-26' ELSE 'R-30' END AS code
    FROM usage
    LEFT JOIN list
        ON usage.has_own_price
        AND list.month = usage.month
        AND list.rate_card = usage.rate_card
        AND list.sku = usage.sku
        AND list.service_period_start = usage.service_period_start
        AND list.unit_price = usage.lowest_billed_price
    WHERE usage.billed_quantity = usage.expected_quantity
        AND usage.billed_prices <> usage.expected_prices
        AND usage.missing <> 0
),
at_zero AS (
    SELECT
        usage.*,
        CASE WHEN fx.rate IS NULL THEN rate.unit_price
            ELSE CAST(billing.converted(CAST(rate.unit_price AS DECIMAL(37,15)), fx.rate) AS DECIMAL(17,9))
        END AS list_price,
        row_number() OVER (
            PARTITION BY
                usage.month, usage.billed_customer_id, usage.customer_id, usage.sku, usage.dimension,
                usage.service_period_start
            ORDER BY rate.dimension DESC, rate.valid_from DESC
        ) AS place
    FROM usage
    INNER JOIN reference.rate_card AS card
        ON card.rate_card = usage.rate_card
    LEFT JOIN reference.rate AS rate
        ON rate.rate_card = usage.rate_card
        AND rate.sku = usage.sku
        AND rate.customer_id = ''
        AND rate.dimension IN (usage.dimension, '')
        AND rate.tier_from = 0
        AND rate.model IN ('per_unit', 'graduated', 'volume')
        AND rate.unit_price <> 0
        AND rate.valid_from <= usage.service_period_start
        AND (rate.valid_to IS NULL OR rate.valid_to > usage.service_period_start)
    LEFT JOIN billing.fx_in_force AS fx
        ON fx.month = usage.month
        AND fx.from_currency = card.currency
        AND fx.to_currency = usage.currency
    WHERE usage.used_quantity > 0
        AND usage.highest_price = 0
        AND usage.expected_amount = 0
)
SELECT
    code,
    month,
    billing_entity_id,
    billed_customer_id,
    customer_id,
    sku,
    concat_ws(' ', dimension, 'from', CAST(service_period_start AS VARCHAR)) AS subject,
    CASE WHEN missing > 0 THEN 'leak' ELSE 'over_bill' END AS direction,
    currency AS unit,
    expected_amount AS expected,
    billed_amount AS actual,
    currency,
    abs(missing) AS amount,
    concat(
        customer_id, ' is billed ', billing.plain(billed_amount), ' ', currency, ' for ', billing.plain(billed_quantity),
        ' ', unit, ' of ', sku, ' from ', CAST(service_period_start AS VARCHAR), ' on ', document,
        CASE code WHEN 'R-30' THEN ', at the list price: by its own price it is ' ELSE ': by the price list it is ' END,
        billing.plain(expected_amount),
        CASE code
            WHEN 'R-30' THEN '. Build the month again, or correct it when it is issued.'
            ELSE '. Put a price that was edited back, end it by valid_to and add a row; or build the month again.'
        END
    ) AS sentence
FROM otherwise
UNION ALL BY NAME
SELECT
    'R-30' AS code,
    month,
    billing_entity_id,
    billed_customer_id,
    customer_id,
    sku,
    concat_ws(' ', dimension, 'from', CAST(service_period_start AS VARCHAR)) AS subject,
    'leak' AS direction,
    currency AS unit,
    CAST(NULL AS DECIMAL(38,9)) AS expected,
    CAST(0 AS DECIMAL(20,6)) AS actual,
    currency,
    CAST(CAST(used_quantity AS DECIMAL(20,6)) * CAST(list_price AS DECIMAL(17,9)) AS DECIMAL(37,15)) AS amount,
    concat(
        customer_id, ' used ', billing.plain(used_quantity), ' of ', sku, ' in ', strftime(month, '%Y-%m'),
        ' at a price of 0',
        CASE WHEN list_price IS NULL THEN '' ELSE concat(', where the list has ', billing.plain(list_price), ' ', currency) END,
        ': give rate a price, or say in included that it costs nothing.'
    ) AS sentence
FROM at_zero
WHERE place = 1;
