-- Readings of streams that tell only the present, pulled before the day they are filed for was over, or after
-- the noon that follows it, in whichever time zone. Of ReVirt365 the user's contract says what its streams tell.
-- source: staging.usage_snapshot, ops.pull
WITH
present AS (
    SELECT build.month, pull.*
    FROM ops.pull AS pull
    INNER JOIN ops.build_month AS build
        ON pull.usage_date >= build.month
        AND pull.usage_date <= build.last_day
    INNER JOIN (
        VALUES
            ('infrascale', 'accounts'),
            ('infrascale', 'licenses'),
            ('infrascale', 'cloud_usage'),
            ('infrascale', 'appliances'),
            ('xopero', 'customer_usage'),
            ('resellerclub', 'orders')
    ) AS told (vendor, stream)
        ON told.vendor = pull.vendor
        AND told.stream = pull.stream
    WHERE pull.status = 'ok'
        AND (
            CAST(pull.started_at AS DATE) > pull.usage_date + 1
            OR CAST(pull.finished_at AS DATE) < pull.usage_date
            OR (CAST(pull.finished_at AS DATE) = pull.usage_date AND hour(pull.finished_at) < 10)
        )
)
SELECT
    present.month,
    'R-50' AS code,
    told.vendor,
    told.connection,
    told.account_id,
    present.stream AS subject,
    told.product,
    told.meter,
    told.usage_date,
    told.quantity
FROM present
INNER JOIN staging.usage_snapshot AS told
    ON told.pull_id = present.pull_id
    AND told.usage_date = present.usage_date
WHERE told.quality <> 'manual';
