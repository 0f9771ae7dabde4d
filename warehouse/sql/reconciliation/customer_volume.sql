-- What each customer used of each SKU in a month, of how many things, and what it is charged for it: the series
-- that R-38 looks for outliers in. What is ordered and not measured is left out.
-- grain: one customer and SKU in one month
-- key: month, customer_id, sku
-- asset: no, a step on the way to others
-- source: billing.usage_record, billing.daily_usage, billing.charge_usage, billing.rated_quantity, billing.charge
-- partition: month
-- rebuilds: month
-- units: quantity in the SKU's unit, charged in the currency of the invoice
-- rounding: none
CREATE TABLE IF NOT EXISTS reconciliation.customer_volume (
    month DATE NOT NULL,
    customer_id VARCHAR NOT NULL,
    sku VARCHAR NOT NULL,
    quantity DECIMAL(20,6) NOT NULL,
    fewest BIGINT NOT NULL, -- readings of a day; 0 when there was none on one that was reported
    most BIGINT NOT NULL,
    priced_quantity DECIMAL(20,6), -- what the charge is for: of all customers on the invoice when it is pooled
    charged DECIMAL(37,15)
);
WITH
record AS (
    SELECT record.*
    FROM billing.usage_record AS record
    INNER JOIN ops.build_month AS build
        ON build.month = record.month
    WHERE record.billable
        AND record.meter <> 'ordered_gib' -- bought, not measured: R-56 compares orders with what was paid
),
daily AS (
    SELECT daily.month, daily.owner, daily.on_trial, daily.sold, daily.source, count(*) AS days,
        min(daily.readings) AS fewest, max(daily.readings) AS most
    FROM billing.daily_usage AS daily
    INNER JOIN ops.build_month AS build
        ON build.month = daily.month
    GROUP BY daily.month, daily.owner, daily.on_trial, daily.sold, daily.source
),
counted AS (
    SELECT
        record.month,
        record.customer_id,
        record.sku,
        CAST(coalesce(sum(CASE WHEN daily.days >= record.days_reported THEN daily.fewest END), 0) AS BIGINT) AS fewest,
        CAST(coalesce(sum(daily.most), 0) AS BIGINT) AS most
    FROM record
    INNER JOIN daily
        ON daily.month = record.month
        AND daily.owner = record.owner
        AND daily.on_trial = record.on_trial
        AND daily.sold = record.sold
    GROUP BY record.month, record.customer_id, record.sku
),
summed AS (
    SELECT month, customer_id, sku, CAST(sum(quantity) AS DECIMAL(20,6)) AS quantity
    FROM record
    GROUP BY month, customer_id, sku
    HAVING count(*) = count(quantity)
),
amount AS (
    SELECT charge.month, charge.charge_id, sum(charge.exact_amount) AS charged
    FROM billing.charge AS charge
    INNER JOIN ops.build_month AS build
        ON build.month = charge.month
    WHERE charge.charge_id IS NOT NULL
    GROUP BY charge.month, charge.charge_id
),
lineage AS (
    SELECT DISTINCT record.month, record.customer_id, record.sku, usage.charge_id
    FROM record
    INNER JOIN billing.charge_usage AS usage
        ON usage.month = record.month
        AND usage.usage_record_id = record.usage_record_id
        AND usage.side = 'sell'
),
priced AS (
    SELECT
        lineage.month,
        lineage.customer_id,
        lineage.sku,
        CAST(sum(rated.quantity) AS DECIMAL(20,6)) AS priced_quantity,
        CAST(sum(amount.charged) AS DECIMAL(37,15)) AS charged
    FROM lineage
    INNER JOIN billing.rated_quantity AS rated
        ON rated.month = lineage.month
        AND rated.charge_id = lineage.charge_id
    INNER JOIN amount
        ON amount.month = lineage.month
        AND amount.charge_id = lineage.charge_id
    GROUP BY lineage.month, lineage.customer_id, lineage.sku
)
SELECT summed.*, counted.fewest, counted.most, priced.priced_quantity, priced.charged
FROM summed
INNER JOIN counted
    ON counted.month = summed.month
    AND counted.customer_id = summed.customer_id
    AND counted.sku = summed.sku
LEFT JOIN priced
    ON priced.month = summed.month
    AND priced.customer_id = summed.customer_id
    AND priced.sku = summed.sku;
