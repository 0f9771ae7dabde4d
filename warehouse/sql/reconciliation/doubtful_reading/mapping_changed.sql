-- What an account has after it went to another customer inside the month, where a highest day is billed: the highest
-- day of both customers is that of one account.
-- source: reconciliation.account_moved, billing.sold_meter, staging.usage_snapshot
WITH
sold AS (
    SELECT month, vendor, product, meter, bool_or(aggregation IN ('peak', 'high_water')) AS is_highest
    FROM billing.sold_meter
    GROUP BY month, vendor, product, meter
)
SELECT
    moved.month,
    'R-11' AS code,
    told.vendor,
    told.connection,
    told.account_id,
    CAST(moved.valid_from AS VARCHAR) AS subject,
    told.product,
    told.meter,
    told.usage_date,
    told.quantity
FROM reconciliation.account_moved AS moved
INNER JOIN staging.usage_snapshot AS told
    ON told.vendor = moved.vendor
    AND told.connection = moved.connection
    AND told.account_id = moved.account_id
    AND told.usage_date >= moved.valid_from
    AND told.usage_date < moved.valid_to
    AND CAST(date_trunc('month', told.usage_date) AS DATE) = moved.month
LEFT JOIN sold AS own
    ON own.month = moved.month
    AND own.vendor = told.vendor
    AND own.product = told.product
    AND own.meter = told.meter
LEFT JOIN sold AS every
    ON every.month = moved.month
    AND every.vendor = told.vendor
    AND every.product = '*'
    AND every.meter = told.meter
WHERE coalesce(own.is_highest, every.is_highest, false)
    AND NOT coalesce(told.is_trial, false);
