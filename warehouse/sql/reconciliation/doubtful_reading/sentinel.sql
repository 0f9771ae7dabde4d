-- Figures that stand for "unlimited" or "unknown" in a vendor's program: the largest number of 32 or 64 bits, and
-- of bytes also that many KB or MB; and figures below zero.
-- source: staging.usage_snapshot
SELECT
    build.month,
    'R-53' AS code,
    told.vendor,
    told.connection,
    told.account_id,
    concat_ws(' ', told.meter, told.resource_id) AS subject,
    told.product,
    told.meter,
    told.usage_date,
    told.quantity
FROM staging.usage_snapshot AS told
INNER JOIN ops.build_month AS build
    ON told.usage_date >= build.month
    AND told.usage_date <= build.last_day
WHERE NOT coalesce(told.is_trial, false)
    AND (
        told.quantity < 0
        OR told.quantity >= 9223372036854775807
        OR told.quantity IN (2147483647, 4294967295)
        OR (told.unit = 'bytes' AND told.quantity IN (2199023254528, 2251799812636672))
    );
