-- Charges for what a quantity costs us, plus a percentage of it.
-- grain: one cost_plus price of one quantity
-- key: charge_id, first_day
-- asset: no, a step on the way to others
-- source: billing.rated_quantity, billing.price_in_force, billing.charge_usage, billing.usage_cost,
--     billing.fx_in_force
-- partition: month
-- rebuilds: month
-- units: the currency of the rate card
-- rounding: cost converted, its percentage, and the amount weighted, each to 15 decimals, half away from zero
CREATE TABLE IF NOT EXISTS billing.rated_cost_plus (
    charge_id VARCHAR NOT NULL,
    month DATE NOT NULL,
    price_id VARCHAR NOT NULL,
    first_day DATE NOT NULL,
    used DECIMAL(20,6) NOT NULL,
    cost DECIMAL(37,15), -- null when it is not known, and then the next two are too
    month_amount DECIMAL(37,15), -- for a whole month
    amount DECIMAL(37,15) -- weighted with the share of the month
);
WITH
period AS (
    SELECT
        rated.charge_id,
        rated.month,
        rated.quantity,
        price.price_id,
        price.first_day,
        price.currency,
        price.percent,
        price.weight_part,
        price.weight_whole
    FROM billing.rated_quantity AS rated
    INNER JOIN ops.build_month AS build
        ON build.month = rated.month
    INNER JOIN billing.price_in_force AS price
        ON price.month = rated.month
        AND price.price_id = rated.price_id
    WHERE price.model = 'cost_plus'
        AND price.weight_part > 0
        AND rated.side = 'sell'
        AND rated.quantity <> 0
),
asked AS (
    SELECT DISTINCT month, charge_id, currency FROM period
),
summed AS (
    SELECT asked.charge_id, asked.month, asked.currency, cost.currency AS cost_currency, sum(cost.cost) AS cost
    FROM asked
    INNER JOIN billing.charge_usage AS usage
        ON usage.month = asked.month
        AND usage.charge_id = asked.charge_id
    LEFT JOIN billing.usage_cost AS cost
        ON cost.month = usage.month
        AND cost.usage_record_id = usage.usage_record_id
    GROUP BY ALL
),
converted AS (
    SELECT
        summed.charge_id,
        CASE
            WHEN summed.currency = summed.cost_currency THEN CAST(summed.cost AS DECIMAL(37,15))
            WHEN fx.rate IS NOT NULL THEN billing.converted(CAST(summed.cost AS DECIMAL(37,15)), fx.rate)
        END AS cost
    FROM summed
    LEFT JOIN billing.fx_in_force AS fx
        ON fx.month = summed.month
        AND fx.from_currency = summed.cost_currency
        AND fx.to_currency = summed.currency
),
known AS (
    SELECT charge_id, CAST(sum(cost) AS DECIMAL(37,15)) AS cost
    FROM converted
    GROUP BY charge_id
    HAVING count(*) = count(cost)
),
added AS (
    SELECT
        period.*,
        known.cost,
        CAST(known.cost + billing.percent(known.cost, period.percent) AS DECIMAL(37,15)) AS month_amount
    FROM period
    LEFT JOIN known
        ON known.charge_id = period.charge_id
)
SELECT
    charge_id,
    month,
    price_id,
    first_day,
    CAST(abs(quantity) AS DECIMAL(20,6)) AS used,
    cost,
    month_amount,
    billing.shared(month_amount, weight_part, weight_whole) AS amount
FROM added;
