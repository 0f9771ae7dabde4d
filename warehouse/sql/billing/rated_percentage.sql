-- Charges that are a percentage of other charges of the same customer, or of all on its invoice where the
-- price is pooled, and the minimum and maximum of what is so priced. A percentage is never taken of what
-- is itself priced by percentage on any day of the month.
-- grain: one percentage price, or one minimum or maximum, of one quantity
-- key: charge_id, kind, first_day
-- asset: no, a step on the way to others
-- source: billing.rated_quantity, billing.price_in_force, billing.rated_tier, billing.rated_cost_plus,
--     billing.rated_limit
-- partition: month
-- rebuilds: month
-- units: the currency of the rate card
-- rounding: the percentage, and again when weighted, to 15 decimals, half away from zero
CREATE TABLE IF NOT EXISTS billing.rated_percentage (
    charge_id VARCHAR NOT NULL,
    month DATE NOT NULL,
    price_id VARCHAR NOT NULL,
    kind VARCHAR NOT NULL, -- percentage, minimum or maximum
    first_day DATE NOT NULL,
    used DECIMAL(20,6) NOT NULL,
    stated DECIMAL(37,15), -- minimum or maximum
    charged DECIMAL(37,15) NOT NULL, -- what the percentage is of, or what is compared
    amount DECIMAL(37,15) NOT NULL
);
WITH
period AS (
    SELECT
        rated.charge_id,
        rated.month,
        rated.billed_customer_id,
        rated.customer_id,
        rated.pooled,
        rated.quantity,
        rated.days_expected IS NOT NULL AS is_used,
        price.price_id,
        price.first_day,
        price.model,
        price.percent,
        price.basis,
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
        AND price.weight_part > 0
    WHERE rated.side = 'sell'
        AND rated.price_id IN (
            SELECT price_id FROM billing.price_in_force WHERE model = 'percentage' AND weight_part > 0
        )
),
asked AS (
    SELECT DISTINCT month, billed_customer_id FROM period
),
other AS (
    SELECT rated.*
    FROM asked
    INNER JOIN billing.rated_quantity AS rated
        ON rated.month = asked.month
        AND rated.billed_customer_id = asked.billed_customer_id
    WHERE rated.side = 'sell'
),
amounts AS (
    SELECT month, charge_id, amount FROM billing.rated_tier WHERE side = 'sell'
    UNION ALL
    SELECT month, charge_id, amount FROM billing.rated_cost_plus WHERE amount IS NOT NULL
    UNION ALL
    SELECT month, charge_id, amount FROM billing.rated_limit
),
whole AS (
    SELECT other.month, other.billed_customer_id, other.customer_id, other.sku, sum(amounts.amount) AS amount
    FROM other
    INNER JOIN amounts
        ON amounts.month = other.month
        AND amounts.charge_id = other.charge_id
    WHERE other.charge_id NOT IN (SELECT charge_id FROM period)
    GROUP BY ALL
),
basis AS (
    SELECT period.charge_id, period.first_day, CAST(sum(whole.amount) AS DECIMAL(37,15)) AS amount
    FROM period
    INNER JOIN whole
        ON whole.month = period.month
        AND whole.billed_customer_id = period.billed_customer_id
        AND (period.pooled OR whole.customer_id = period.customer_id)
        AND (period.basis = '*' OR whole.sku = period.basis)
    WHERE period.model = 'percentage'
    GROUP BY ALL
),
taken AS (
    SELECT
        period.*,
        basis.amount AS charged,
        billing.percent(basis.amount, period.percent) AS month_amount
    FROM period
    INNER JOIN basis
        ON basis.charge_id = period.charge_id
        AND basis.first_day = period.first_day
),
own AS (
    SELECT month, charge_id, first_day, month_amount FROM taken
    UNION ALL
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
        CAST(coalesce(sum(own.month_amount), 0) AS DECIMAL(37,15)) AS month_amount
    FROM period
    LEFT JOIN own
        ON own.month = period.month
        AND own.charge_id = period.charge_id
        AND own.first_day = period.first_day
    WHERE (period.minimum IS NOT NULL OR period.maximum IS NOT NULL)
        AND (period.is_used OR (period.charge_id, period.first_day) IN (SELECT (charge_id, first_day) FROM taken))
        AND period.charge_id NOT IN (SELECT charge_id FROM billing.rated_cost_plus WHERE amount IS NULL)
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
SELECT
    charge_id,
    month,
    price_id,
    'percentage' AS kind,
    first_day,
    CAST(abs(quantity) AS DECIMAL(20,6)) AS used,
    CAST(NULL AS DECIMAL(37,15)) AS stated,
    charged,
    billing.shared(month_amount, weight_part, weight_whole) AS amount
FROM taken
UNION ALL
SELECT
    charge_id,
    month,
    price_id,
    kind,
    month AS first_day,
    CAST(0 AS DECIMAL(20,6)) AS used,
    stated,
    charged,
    amount
FROM owed
WHERE amount <> 0;
