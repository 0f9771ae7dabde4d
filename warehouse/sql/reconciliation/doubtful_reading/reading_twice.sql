-- Usage that a file brought beside another file, or beside the vendor's own answer.
-- source: staging.usage_snapshot
SELECT DISTINCT
    build.month,
    'R-07' AS code,
    brought.vendor,
    brought.connection,
    brought.account_id,
    brought.resource_id AS subject,
    brought.product,
    brought.meter,
    brought.usage_date,
    brought.quantity
FROM staging.usage_snapshot AS brought
INNER JOIN ops.build_month AS build
    ON brought.usage_date >= build.month
    AND brought.usage_date <= build.last_day
INNER JOIN staging.usage_snapshot AS other
    ON other.vendor = brought.vendor
    AND other.connection = brought.connection
    AND other.account_id = brought.account_id
    AND other.resource_id = brought.resource_id
    AND other.product = brought.product
    AND other.meter = brought.meter
    AND other.usage_date = brought.usage_date
    -- Of two files one is right.
    AND (other.quality <> 'manual' OR other.pull_id < brought.pull_id)
    AND other.pull_id <> brought.pull_id
WHERE brought.quality = 'manual';
