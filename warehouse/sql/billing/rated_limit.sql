-- What is missing to the minimum of a quantity's prices, and what is above their maximum. The amounts of the
-- prices that state one are compared with it together. Those of percentages are in billing.rated_percentage.
-- grain: one minimum or maximum that applies to one quantity
-- key: charge_id, kind
-- asset: no, a step on the way to others
-- source: billing.rated_quantity, billing.price_in_force, billing.rated_tier, billing.rated_cost_plus
-- partition: month
-- rebuilds: month
-- units: the currency of the rate card
-- rounding: the difference, weighted, once to 15 decimals, half away from zero
CREATE TABLE IF NOT EXISTS billing.rated_limit (
    charge_id VARCHAR NOT NULL,
    month DATE NOT NULL,
    price_id VARCHAR NOT NULL,
    kind VARCHAR NOT NULL, -- minimum or maximum
    stated DECIMAL(37,15) NOT NULL,
    charged DECIMAL(37,15) NOT NULL,
    amount DECIMAL(37,15) NOT NULL
);
WITH
period AS (
    SELECT
        rated.charge_id,
        rated.month,
        rated.price_id,
        price.first_day,
        price.minimum,
        price.maximum,
        price.weight_part,
        price.weight_whole
    FROM billing.rated_quantity AS rated
    INNER JOIN ops.build_month AS build
        ON build.month = rated.month
    INNER JOIN billing.price_in_force AS price
        ON price.month = rated.month
        AND price.price_id = rated.price_id
    WHERE rated.side = 'sell'
        AND rated.days_expected IS NOT NULL -- there is usage
        AND price.weight_part > 0
        AND (price.minimum IS NOT NULL OR price.maximum IS NOT NULL)
        AND rated.price_id NOT IN (
            SELECT price_id FROM billing.price_in_force WHERE model = 'percentage' AND weight_part > 0
        )
        AND rated.charge_id NOT IN (SELECT charge_id FROM billing.rated_cost_plus WHERE amount IS NULL)
),
rated AS (
    SELECT month, charge_id, first_day, month_amount FROM billing.rated_tier WHERE side = 'sell'
    UNION ALL
    SELECT month, charge_id, first_day, month_amount FROM billing.rated_cost_plus
),
summed AS (
    SELECT
        period.charge_id,
        period.month,
        period.price_id,
        period.first_day,
        period.minimum,
        period.maximum,
        period.weight_part,
        period.weight_whole,
        CAST(coalesce(sum(rated.month_amount), 0) AS DECIMAL(37,15)) AS month_amount
    FROM period
    LEFT JOIN rated
        ON rated.month = period.month
        AND rated.charge_id = period.charge_id
        AND rated.first_day = period.first_day
    GROUP BY ALL
),
limited AS (
    SELECT
        charge_id,
        month,
        price_id,
        'minimum' AS kind,
        sum(billing.weighted(minimum, weight_part)) AS stated,
        sum(billing.weighted(month_amount, weight_part)) AS charged,
        max(weight_whole) AS whole
    FROM summed
    WHERE minimum IS NOT NULL
    GROUP BY ALL
    UNION ALL
    SELECT
        charge_id,
        month,
        price_id,
        'maximum' AS kind,
        sum(billing.weighted(maximum, weight_part)) AS stated,
        sum(billing.weighted(month_amount, weight_part)) AS charged,
        max(weight_whole) AS whole
    FROM summed
    WHERE maximum IS NOT NULL
    GROUP BY ALL
),
owed AS (
    SELECT
        charge_id,
        month,
        price_id,
        kind,
        billing.exact(billing.half(stated, whole)) AS stated,
        billing.exact(billing.half(charged, whole)) AS charged,
        CASE kind
            WHEN 'minimum' THEN billing.to_minimum(charged, stated, whole)
            ELSE billing.to_maximum(charged, stated, whole)
        END AS amount
    FROM limited
)
SELECT * FROM owed WHERE amount <> 0;
