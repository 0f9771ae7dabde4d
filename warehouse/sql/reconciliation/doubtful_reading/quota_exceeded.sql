-- Usage beyond what was bought and that nothing bills. R-55: overage of a product whose overage is not sold. R-23:
-- bytes beyond the quota of an account where the quota is sold and the bytes are not; as readings of the quota.
-- A quota of 0 is none.
-- source: staging.usage_snapshot, billing.sold_meter
WITH
-- What is sold as `*` is sold of every product.
sold AS (
    SELECT DISTINCT month, vendor, product, meter FROM billing.sold_meter
),
told AS (
    SELECT DISTINCT build.month, reading.vendor, reading.product, bought.quota_meter, bought.used_meter
    FROM staging.usage_snapshot AS reading
    INNER JOIN ops.build_month AS build
        ON reading.usage_date >= build.month
        AND reading.usage_date <= build.last_day
    INNER JOIN (
        VALUES ('infrascale', 'quota_bytes', 'used_bytes'), ('xopero', 'capacity_bytes', 'used_bytes')
    ) AS bought (vendor, quota_meter, used_meter)
        ON bought.vendor = reading.vendor
        AND bought.quota_meter = reading.meter
),
limited AS (
    SELECT DISTINCT told.*
    FROM told
    INNER JOIN sold AS quota
        ON quota.month = told.month
        AND quota.vendor = told.vendor
        AND quota.product IN (told.product, '*')
        AND quota.meter = told.quota_meter
    LEFT JOIN sold AS used
        ON used.month = told.month
        AND used.vendor = told.vendor
        AND used.product IN (told.product, '*')
        AND used.meter = told.used_meter
    WHERE used.product IS NULL
),
-- At Xopero all accounts of a customer share its capacity.
held AS (
    SELECT
        limited.month,
        limited.quota_meter,
        reading.vendor,
        reading.connection,
        reading.account_id,
        reading.product,
        reading.usage_date,
        CASE reading.vendor WHEN 'xopero' THEN reading.account_id ELSE reading.resource_id END AS holder,
        sum(CASE WHEN reading.meter = limited.quota_meter THEN reading.quantity END) AS quota,
        sum(CASE WHEN reading.meter = limited.used_meter THEN reading.quantity END) AS used
    FROM limited
    INNER JOIN ops.build_month AS build
        ON build.month = limited.month
    INNER JOIN staging.usage_snapshot AS reading
        ON reading.vendor = limited.vendor
        AND reading.product = limited.product
        AND reading.meter IN (limited.quota_meter, limited.used_meter)
        AND reading.usage_date >= build.month
        AND reading.usage_date <= build.last_day
    WHERE NOT coalesce(reading.is_trial, false)
    GROUP BY ALL
)
SELECT
    month,
    'R-23' AS code,
    vendor,
    connection,
    account_id,
    holder AS subject,
    product,
    quota_meter AS meter,
    usage_date,
    CAST(used - quota AS DECIMAL(38,9)) AS quantity
FROM held
WHERE quota > 0
    AND used > quota
UNION ALL
SELECT
    build.month,
    'R-55' AS code,
    reading.vendor,
    reading.connection,
    reading.account_id,
    reading.resource_id AS subject,
    reading.product,
    reading.meter,
    reading.usage_date,
    reading.quantity
FROM staging.usage_snapshot AS reading
INNER JOIN ops.build_month AS build
    ON reading.usage_date >= build.month
    AND reading.usage_date <= build.last_day
LEFT JOIN sold
    ON sold.month = build.month
    AND sold.vendor = reading.vendor
    AND sold.product IN (reading.product, '*')
    AND sold.meter = reading.meter
WHERE reading.meter = 'overage_bytes'
    AND reading.quantity > 0
    AND NOT coalesce(reading.is_trial, false)
    AND sold.product IS NULL;
