-- The month's readings of what was there for a fortnight, up to the month's last day so far, without one backup
-- that ran well, while the vendor told its backups on every one of those days.
-- source: staging.usage_snapshot, ops.current_pull, reconciliation.successful_backup
WITH
told AS (
    SELECT build.month, build.metered_until AS last_day, pull.vendor, pull.connection
    FROM ops.current_pull AS pull
    INNER JOIN ops.build_month AS build
        ON pull.usage_date > build.metered_until - 14
        AND pull.usage_date <= build.metered_until
    INNER JOIN (
        VALUES ('infrascale', 'history_events'), ('redstor', 'backup_status'), ('revirt365', 'sessions')
    ) AS activity (vendor, stream)
        ON activity.vendor = pull.vendor
        AND activity.stream = pull.stream
    WHERE pull.pages > 0 -- without an answer, as of a stream that is not offered, nothing was told
    GROUP BY build.month, build.metered_until, pull.vendor, pull.connection
    HAVING count(*) = 14
),
ran AS (
    SELECT DISTINCT told.month, backup.vendor, backup.connection, backup.protected_id
    FROM reconciliation.successful_backup AS backup
    INNER JOIN told
        ON told.vendor = backup.vendor
        AND told.connection = backup.connection
        AND backup.usage_date > told.last_day - 14
        AND backup.usage_date <= told.last_day
),
edge AS (
    SELECT *, unnest([last_day - 13, last_day]) AS usage_date FROM told
),
there AS (
    SELECT
        edge.month,
        edge.last_day,
        reading.vendor,
        reading.connection,
        reading.account_id,
        reading.resource_id,
        CASE reading.vendor WHEN 'revirt365' THEN reading.account_id ELSE reading.resource_id END AS protected_id
    FROM staging.usage_snapshot AS reading
    INNER JOIN edge
        ON edge.vendor = reading.vendor
        AND edge.connection = reading.connection
        AND edge.usage_date = reading.usage_date
    WHERE reading.resource_type IN ('backup_account', 'subscription', 'customer')
        AND reading.quantity > 0
        AND NOT coalesce(reading.is_trial, false)
    GROUP BY ALL
    HAVING count(DISTINCT reading.usage_date) = 2
)
SELECT
    there.month,
    'R-19' AS code,
    reading.vendor,
    reading.connection,
    reading.account_id,
    reading.resource_id AS subject,
    reading.product,
    reading.meter,
    reading.usage_date,
    reading.quantity
FROM there
ANTI JOIN ran
    ON ran.month = there.month
    AND ran.vendor = there.vendor
    AND ran.connection = there.connection
    AND ran.protected_id = there.protected_id
INNER JOIN staging.usage_snapshot AS reading
    ON reading.vendor = there.vendor
    AND reading.connection = there.connection
    AND reading.account_id = there.account_id
    AND reading.resource_id = there.resource_id
    AND reading.usage_date >= there.month
    AND reading.usage_date <= there.last_day
WHERE reading.quantity > 0
    AND reading.resource_type IN ('backup_account', 'subscription', 'customer')
    AND NOT coalesce(reading.is_trial, false);
