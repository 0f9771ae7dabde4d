-- The month's readings of stored bytes that did not change by one in a fortnight, up to the month's last day so
-- far, in which backups uploaded a tenth of them or more.
-- source: staging.usage_snapshot, ops.current_pull, reconciliation.successful_backup
WITH
pulled AS (
    SELECT build.month, pull.vendor, pull.connection, pull.usage_date
    FROM ops.current_pull AS pull
    INNER JOIN ops.build_month AS build
        ON pull.usage_date > build.metered_until - 14
        AND pull.usage_date <= build.metered_until
    INNER JOIN (VALUES ('infrascale', 'history_events'), ('revirt365', 'sessions')) AS activity (vendor, stream)
        ON activity.vendor = pull.vendor
        AND activity.stream = pull.stream
),
unchanged AS (
    SELECT
        pulled.month,
        reading.vendor,
        reading.connection,
        reading.account_id,
        reading.resource_id,
        reading.product,
        reading.meter,
        CASE reading.vendor WHEN 'revirt365' THEN reading.account_id ELSE reading.resource_id END AS protected_id,
        min(reading.usage_date) AS since,
        max(reading.usage_date) AS last_day,
        min(reading.quantity) AS quantity
    FROM staging.usage_snapshot AS reading
    INNER JOIN pulled
        ON pulled.vendor = reading.vendor
        AND pulled.connection = reading.connection
        AND pulled.usage_date = reading.usage_date
    WHERE reading.meter IN ('used_bytes', 'protected_bytes')
        AND reading.resource_type IN ('backup_account', 'customer')
        AND reading.quantity > 0
        AND NOT coalesce(reading.is_trial, false)
    GROUP BY ALL
    HAVING count(*) = 14 AND min(reading.quantity) = max(reading.quantity)
),
sent AS (
    SELECT
        pulled.month,
        backup.vendor,
        backup.connection,
        backup.protected_id,
        sum(backup.uploaded_bytes) AS bytes
    FROM reconciliation.successful_backup AS backup
    INNER JOIN pulled
        ON pulled.vendor = backup.vendor
        AND pulled.connection = backup.connection
        AND pulled.usage_date = backup.usage_date
    GROUP BY pulled.month, backup.vendor, backup.connection, backup.protected_id
)
SELECT
    unchanged.month,
    'R-04' AS code,
    reading.vendor,
    reading.connection,
    reading.account_id,
    reading.resource_id AS subject,
    reading.product,
    reading.meter,
    reading.usage_date,
    reading.quantity
FROM unchanged
INNER JOIN sent
    ON sent.month = unchanged.month
    AND sent.vendor = unchanged.vendor
    AND sent.connection = unchanged.connection
    AND sent.protected_id = unchanged.protected_id
INNER JOIN staging.usage_snapshot AS reading
    ON reading.vendor = unchanged.vendor
    AND reading.connection = unchanged.connection
    AND reading.account_id = unchanged.account_id
    AND reading.resource_id = unchanged.resource_id
    AND reading.product = unchanged.product
    AND reading.meter = unchanged.meter
    AND reading.usage_date >= unchanged.since
    AND reading.usage_date >= unchanged.month
    AND reading.usage_date <= unchanged.last_day
WHERE CAST(sent.bytes AS HUGEINT) * CAST(10 AS HUGEINT) >= CAST(unchanged.quantity AS HUGEINT);
