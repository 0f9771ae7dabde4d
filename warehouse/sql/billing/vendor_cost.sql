-- What a vendor should charge us for what all customers used through one connection, by its cost card:
-- tiers and percentages, then minimum and maximum. It is unknown where no price holds on some day.
-- grain: one quantity priced on the cost side
-- key: charge_id
-- asset: no, a step on the way to others
-- source: billing.rated_quantity, billing.price_in_force, billing.rated_tier
-- partition: month
-- rebuilds: month
-- units: the currency of the cost card
-- rounding: each percentage to 15 decimals, half away from zero, and so again when weighted
CREATE TABLE IF NOT EXISTS billing.vendor_cost (
    charge_id VARCHAR NOT NULL,
    month DATE NOT NULL,
    vendor VARCHAR NOT NULL,
    connection VARCHAR NOT NULL,
    rate_card VARCHAR NOT NULL,
    currency VARCHAR NOT NULL,
    sku VARCHAR NOT NULL,
    dimension VARCHAR NOT NULL,
    quantity DECIMAL(20,6) NOT NULL,
    cost DECIMAL(37,15) -- null when it is not known
);
WITH
tiers AS (
    SELECT tier.charge_id, tier.first_day, sum(tier.month_amount) AS month_amount, sum(tier.amount) AS amount
    FROM billing.rated_tier AS tier
    INNER JOIN ops.build_month AS build
        ON build.month = tier.month
    WHERE tier.side = 'cost'
    GROUP BY ALL
),
period AS (
    SELECT
        rated.charge_id,
        rated.month,
        rated.vendor,
        rated.connection,
        rated.sku,
        price.first_day,
        price.model,
        price.percent,
        price.basis,
        price.minimum,
        price.maximum,
        price.weight_part,
        price.weight_whole,
        price.model IS NOT NULL AND price.model <> 'cost_plus' AS is_known,
        CAST(coalesce(tiers.month_amount, 0) AS DECIMAL(37,15)) AS month_amount,
        CAST(coalesce(tiers.amount, 0) AS DECIMAL(37,15)) AS amount,
        max(CASE WHEN price.model = 'percentage' THEN 1 ELSE 0 END) OVER (PARTITION BY rated.charge_id) AS of_others
    FROM billing.rated_quantity AS rated
    INNER JOIN ops.build_month AS build
        ON build.month = rated.month
    INNER JOIN billing.price_in_force AS price
        ON price.month = rated.month
        AND price.price_id = rated.price_id
        AND (price.weight_part > 0 OR price.model IS NULL)
    LEFT JOIN tiers
        ON tiers.charge_id = rated.charge_id
        AND tiers.first_day = price.first_day
    WHERE rated.side = 'cost'
),
-- What percentages are taken of.
whole AS (
    SELECT
        month,
        vendor,
        connection,
        sku,
        bool_and(is_known) AS is_known,
        CAST(
            sum(amount)
            + billing.to_minimum(
                sum(CASE WHEN minimum IS NOT NULL THEN billing.weighted(month_amount, weight_part) END),
                sum(billing.weighted(minimum, weight_part)),
                max(weight_whole)
            )
            + billing.to_maximum(
                sum(CASE WHEN maximum IS NOT NULL THEN billing.weighted(month_amount, weight_part) END),
                sum(billing.weighted(maximum, weight_part)),
                max(weight_whole)
            )
            AS DECIMAL(37,15)
        ) AS amount
    FROM period
    WHERE of_others = 0
    GROUP BY charge_id, month, vendor, connection, sku
),
basis AS (
    SELECT
        period.charge_id,
        period.first_day,
        bool_and(whole.is_known) AS is_known,
        CAST(sum(whole.amount) AS DECIMAL(37,15)) AS amount
    FROM period
    INNER JOIN whole
        ON whole.month = period.month
        AND whole.vendor = period.vendor
        AND whole.connection = period.connection
        AND (period.basis = '*' OR whole.sku = period.basis)
    WHERE period.model = 'percentage'
    GROUP BY ALL
),
taken AS (
    SELECT
        period.* EXCLUDE (is_known, month_amount),
        period.is_known AND coalesce(basis.is_known, TRUE) AS is_known,
        CASE WHEN basis.charge_id IS NULL THEN period.month_amount
            ELSE billing.percent(basis.amount, period.percent)
        END AS month_amount
    FROM period
    LEFT JOIN basis
        ON basis.charge_id = period.charge_id
        AND basis.first_day = period.first_day
),
amounts AS (
    SELECT
        * EXCLUDE (amount),
        CASE model
            WHEN 'percentage' THEN billing.shared(month_amount, weight_part, weight_whole)
            ELSE amount
        END AS amount
    FROM taken
),
summed AS (
    SELECT
        charge_id,
        bool_and(is_known) AS is_known,
        sum(amount)
        + billing.to_minimum(
                sum(CASE WHEN minimum IS NOT NULL THEN billing.weighted(month_amount, weight_part) END),
                sum(billing.weighted(minimum, weight_part)),
                max(weight_whole)
            )
        + billing.to_maximum(
                sum(CASE WHEN maximum IS NOT NULL THEN billing.weighted(month_amount, weight_part) END),
                sum(billing.weighted(maximum, weight_part)),
                max(weight_whole)
            ) AS cost
    FROM amounts
    GROUP BY charge_id
)
SELECT
    rated.charge_id,
    rated.month,
    rated.vendor,
    rated.connection,
    rated.rate_card,
    rated.currency,
    rated.sku,
    rated.dimension,
    rated.quantity,
    CASE WHEN summed.is_known THEN CAST(summed.cost AS DECIMAL(37,15)) END AS cost
FROM summed
INNER JOIN billing.rated_quantity AS rated
    ON rated.charge_id = summed.charge_id;
