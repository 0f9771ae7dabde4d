-- Where a vendor's own sum is not what its readings add up to, of meters that are sold. A day on which the
-- readings themselves were not told has no row.
-- grain: one figure of staging.vendor_total that differs, on one usage date
-- key: usage_date, vendor, connection, scope, account_id, resource_id, meter, stream
-- asset: no, a step on the way to reconciliation.discrepancy
-- source: staging.vendor_total, staging.usage_snapshot, billing.sold_meter
-- partition: month
-- rebuilds: month
-- units: the meter's, as staged
-- rounding: none
CREATE TABLE IF NOT EXISTS reconciliation.vendor_sum (
    month DATE NOT NULL,
    usage_date DATE NOT NULL,
    vendor VARCHAR NOT NULL,
    connection VARCHAR NOT NULL,
    scope VARCHAR NOT NULL, -- account, below or resource
    account_id VARCHAR NOT NULL,
    resource_id VARCHAR,
    resource_type VARCHAR NOT NULL, -- of the readings
    meter VARCHAR NOT NULL,
    stream VARCHAR NOT NULL,
    unit VARCHAR NOT NULL,
    told DECIMAL(28,9) NOT NULL, -- by the vendor, as one figure
    summed DECIMAL(38,9) NOT NULL -- from its readings
);
WITH
sold AS (
    SELECT DISTINCT month, vendor, meter FROM billing.sold_meter
),
total AS (
    SELECT build.month, told.*
    FROM staging.vendor_total AS told
    INNER JOIN ops.build_month AS build
        ON told.usage_date >= build.month
        AND told.usage_date <= build.last_day
    INNER JOIN sold
        ON sold.month = build.month
        AND sold.vendor = told.vendor
        AND sold.meter = told.meter
),
wanted AS (
    SELECT DISTINCT vendor, connection, usage_date, resource_type, meter FROM total
),
reading AS (
    SELECT
        told.vendor,
        told.connection,
        told.usage_date,
        told.resource_type,
        told.meter,
        told.account_id,
        told.resource_id,
        told.quantity
    FROM staging.usage_snapshot AS told
    INNER JOIN wanted
        ON wanted.vendor = told.vendor
        AND wanted.connection = told.connection
        AND wanted.usage_date = told.usage_date
        AND wanted.resource_type = told.resource_type
        AND wanted.meter = told.meter
),
by_account AS (
    SELECT vendor, connection, usage_date, resource_type, meter, account_id, sum(quantity) AS quantity
    FROM reading
    GROUP BY ALL
),
by_connection AS (
    SELECT vendor, connection, usage_date, resource_type, meter, sum(quantity) AS quantity
    FROM by_account
    GROUP BY ALL
),
-- Below the account of the credentials is everything but its own.
by_tree AS (
    SELECT total.*, every.quantity - coalesce(own.quantity, 0) AS below, coalesce(own.quantity, 0) AS own
    FROM total
    INNER JOIN by_connection AS every
        ON every.vendor = total.vendor
        AND every.connection = total.connection
        AND every.usage_date = total.usage_date
        AND every.resource_type = total.resource_type
        AND every.meter = total.meter
    LEFT JOIN by_account AS own
        ON own.vendor = total.vendor
        AND own.connection = total.connection
        AND own.usage_date = total.usage_date
        AND own.resource_type = total.resource_type
        AND own.meter = total.meter
        AND own.account_id = total.account_id
    WHERE total.scope IN ('account', 'below')
),
-- A list may tell resources that no other does: those that are cancelled.
by_resource AS (
    SELECT
        reading.vendor,
        reading.connection,
        reading.usage_date,
        reading.resource_type,
        reading.meter,
        reading.resource_id,
        min(reading.account_id) AS account_id,
        sum(reading.quantity) AS quantity
    FROM reading
    SEMI JOIN (SELECT vendor, resource_type, meter FROM total WHERE scope = 'resource') AS single
        ON single.vendor = reading.vendor
        AND single.resource_type = reading.resource_type
        AND single.meter = reading.meter
    GROUP BY ALL
),
compared AS (
    SELECT * EXCLUDE (below, own), CASE scope WHEN 'below' THEN below ELSE own END AS summed
    FROM by_tree
    UNION ALL
    SELECT total.* REPLACE (reading.account_id AS account_id), reading.quantity AS summed
    FROM total
    INNER JOIN by_resource AS reading
        ON reading.vendor = total.vendor
        AND reading.connection = total.connection
        AND reading.usage_date = total.usage_date
        AND reading.resource_type = total.resource_type
        AND reading.meter = total.meter
        AND reading.resource_id = total.resource_id
    WHERE total.scope = 'resource'
)
SELECT
    month,
    usage_date,
    vendor,
    connection,
    scope,
    account_id,
    resource_id,
    resource_type,
    meter,
    stream,
    unit,
    quantity AS told,
    CAST(summed AS DECIMAL(38,9)) AS summed
FROM compared
WHERE quantity <> summed;
