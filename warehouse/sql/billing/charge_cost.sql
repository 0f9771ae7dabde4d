-- What the usage in a charge costs us, in the currency of its invoice. It is unknown where the cost of one
-- of its usage records is, or an exchange rate is missing.
-- grain: one quantity priced on the sell side
-- key: charge_id
-- asset: no, a step on the way to others
-- source: billing.charge_usage, billing.usage_cost, billing.fx_in_force
-- partition: month
-- rebuilds: month
-- units: the currency of the invoice
-- rounding: each converted sum to 15 decimals, half away from zero
CREATE TABLE IF NOT EXISTS billing.charge_cost (
    charge_id VARCHAR NOT NULL,
    month DATE NOT NULL,
    cost DECIMAL(37,15) NOT NULL
);
WITH
summed AS (
    SELECT
        usage.charge_id,
        usage.month,
        usage.currency,
        cost.currency AS cost_currency,
        sum(cost.cost) AS cost
    FROM billing.charge_usage AS usage
    INNER JOIN ops.build_month AS build
        ON build.month = usage.month
    LEFT JOIN billing.usage_cost AS cost
        ON cost.month = usage.month
        AND cost.usage_record_id = usage.usage_record_id
    WHERE usage.side = 'sell'
    GROUP BY ALL
),
fined AS (
    SELECT
        summed.charge_id,
        summed.month,
        CASE WHEN summed.currency = summed.cost_currency THEN CAST(summed.cost AS DECIMAL(37,15)) END AS cost,
        fx.rate,
        CASE WHEN fx.rate IS NOT NULL THEN billing.fine(summed.cost) END AS fine_cost
    FROM summed
    LEFT JOIN billing.fx_in_force AS fx
        ON fx.month = summed.month
        AND fx.from_currency = summed.cost_currency
        AND fx.to_currency = summed.currency
),
shared AS (
    SELECT
        *,
        CASE WHEN rate IS NOT NULL
            THEN billing.share(fine_cost, CAST(billing.nano(rate) AS HUGEINT), 1000000000)
        END AS fine_converted
    FROM fined
),
converted AS (
    SELECT charge_id, month, CASE WHEN rate IS NULL THEN cost ELSE billing.exact(fine_converted) END AS cost
    FROM shared
)
SELECT charge_id, month, CAST(sum(cost) AS DECIMAL(37,15)) AS cost
FROM converted
GROUP BY charge_id, month
HAVING count(*) = count(cost);
