-- What a vendor's own sum has more or less than its readings, as if it were a reading of the first product among
-- them that is sold: of which product it is, a sum does not say.
-- source: reconciliation.vendor_sum, staging.usage_snapshot, billing.sold_meter
WITH
differing AS (
    SELECT sum.*
    FROM reconciliation.vendor_sum AS sum
    INNER JOIN ops.build_month AS build
        ON build.month = sum.month
),
wanted AS (
    SELECT DISTINCT month, vendor, connection, usage_date, resource_type, meter FROM differing
),
told AS (
    SELECT wanted.*, min(reading.product) AS product
    FROM wanted
    INNER JOIN staging.usage_snapshot AS reading
        ON reading.vendor = wanted.vendor
        AND reading.connection = wanted.connection
        AND reading.usage_date = wanted.usage_date
        AND reading.resource_type = wanted.resource_type
        AND reading.meter = wanted.meter
    INNER JOIN billing.sold_meter AS sold
        ON sold.month = wanted.month
        AND sold.vendor = wanted.vendor
        AND sold.product IN (reading.product, '*')
        AND sold.meter = wanted.meter
    GROUP BY ALL
)
SELECT
    differing.month,
    CASE differing.scope WHEN 'below' THEN 'R-08' ELSE 'R-52' END AS code,
    differing.vendor,
    differing.connection,
    differing.account_id,
    concat_ws(' ', differing.stream, differing.scope, differing.resource_id) AS subject,
    coalesce(told.product, '') AS product,
    differing.meter,
    differing.usage_date,
    CAST(abs(differing.told - differing.summed) AS DECIMAL(38,9)) AS quantity
FROM differing
LEFT JOIN told
    ON told.month = differing.month
    AND told.vendor = differing.vendor
    AND told.connection = differing.connection
    AND told.usage_date = differing.usage_date
    AND told.resource_type = differing.resource_type
    AND told.meter = differing.meter;
