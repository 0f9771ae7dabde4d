-- How many different resources of an owner had a reading above zero, for what is sold by unique_count.
-- grain: one owner and sold meter in one month, on trial or not
-- key: month, owner, on_trial, sold
-- asset: no, a step on the way to others
-- source: staging.usage_snapshot, billing.mapped_account, billing.unmapped_account, billing.sold_meter
-- partition: month
-- rebuilds: month
CREATE TABLE IF NOT EXISTS billing.counted_resource (
    month DATE NOT NULL,
    owner INTEGER NOT NULL,
    on_trial BOOLEAN NOT NULL,
    sold INTEGER NOT NULL,
    resources BIGINT NOT NULL
);
WITH
counted AS (
    SELECT DISTINCT sold.month, sold.vendor, sold.meter, build.last_day
    FROM billing.sold_meter AS sold
    INNER JOIN ops.build_month AS build
        ON build.month = sold.month
    WHERE sold.aggregation = 'unique_count'
),
reading AS (
    SELECT
        counted.month,
        snapshot.usage_date,
        snapshot.vendor,
        snapshot.connection,
        snapshot.account_id,
        snapshot.resource_id,
        snapshot.product,
        snapshot.meter,
        snapshot.is_trial
    FROM staging.usage_snapshot AS snapshot
    INNER JOIN counted
        ON counted.vendor = snapshot.vendor
        AND counted.meter = snapshot.meter
        AND counted.month = CAST(date_trunc('month', snapshot.usage_date) AS DATE)
        AND snapshot.usage_date >= counted.month
        AND snapshot.usage_date <= counted.last_day
    WHERE snapshot.quantity > 0
),
own_product AS (
    SELECT DISTINCT month, vendor, product, meter FROM billing.sold_meter WHERE product <> '*'
),
owned AS (
    SELECT
        reading.month,
        coalesce(account.owner, unmapped.owner) AS owner,
        coalesce(reading.is_trial, false) AND account.excluded IS NULL AS on_trial,
        sold.sold,
        reading.account_id,
        reading.resource_id
    FROM reading
    LEFT JOIN billing.mapped_account AS account
        ON account.month = reading.month
        AND account.vendor = reading.vendor
        AND account.connection = reading.connection
        AND account.account_id = reading.account_id
        AND account.valid_from <= reading.usage_date
        AND account.valid_to > reading.usage_date
    LEFT JOIN billing.unmapped_account AS unmapped
        ON unmapped.month = reading.month
        AND unmapped.vendor = reading.vendor
        AND unmapped.connection = reading.connection
        AND unmapped.account_id = reading.account_id
    LEFT JOIN own_product
        ON own_product.month = reading.month
        AND own_product.vendor = reading.vendor
        AND own_product.product = reading.product
        AND own_product.meter = reading.meter
    INNER JOIN billing.sold_meter AS sold
        ON sold.month = reading.month
        AND sold.vendor = reading.vendor
        AND sold.meter = reading.meter
        AND sold.product = coalesce(own_product.product, '*')
    WHERE sold.aggregation = 'unique_count'
)
SELECT month, owner, on_trial, sold, count(*) AS resources
FROM (SELECT DISTINCT * FROM owned) AS found
GROUP BY month, owner, on_trial, sold;
