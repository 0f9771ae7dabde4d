-- Where what happened and what there is contradict each other: backups ran well of an account that the vendor's
-- complete list of usage does not have (as if its latest reading before held on those days); of Redstor, an active
-- subscription that no usage is told of, and usage of a subscription that is not active.
-- source: staging.usage_snapshot, staging.subscription, ops.current_pull, reconciliation.successful_backup
WITH
told AS (
    SELECT build.month, pull.vendor, pull.connection, pull.stream, pull.usage_date
    FROM ops.current_pull AS pull
    INNER JOIN ops.build_month AS build
        ON pull.usage_date >= build.month
        AND pull.usage_date <= build.last_day
    WHERE pull.vendor IN ('infrascale', 'redstor', 'revirt365')
        AND pull.stream IN ('accounts', 'usage', 'consumption', 'subscriptions')
        AND pull.pages > 0 -- without an answer, as of a stream that is not offered, there is no list
),
backup AS (
    SELECT DISTINCT told.month, backup.vendor, backup.connection, backup.account_id, backup.protected_id, backup.usage_date
    FROM reconciliation.successful_backup AS backup
    INNER JOIN told
        ON told.vendor = backup.vendor
        AND told.connection = backup.connection
        AND told.usage_date = backup.usage_date
    WHERE told.stream IN ('accounts', 'usage')
),
protected AS (
    SELECT DISTINCT
        reading.vendor,
        reading.connection,
        reading.usage_date,
        CASE reading.vendor WHEN 'revirt365' THEN reading.account_id ELSE reading.resource_id END AS protected_id
    FROM staging.usage_snapshot AS reading
    INNER JOIN told
        ON told.vendor = reading.vendor
        AND told.connection = reading.connection
        AND told.usage_date = reading.usage_date
    WHERE told.stream IN ('accounts', 'usage')
        AND reading.resource_type IN ('backup_account', 'customer')
),
unlisted AS (
    SELECT
        backup.*,
        min(backup.usage_date) OVER (
            PARTITION BY backup.month, backup.vendor, backup.connection, backup.protected_id
        ) AS first_day
    FROM backup
    ANTI JOIN protected
        ON protected.vendor = backup.vendor
        AND protected.connection = backup.connection
        AND protected.usage_date = backup.usage_date
        AND protected.protected_id = backup.protected_id
),
latest AS (
    SELECT
        unlisted.month,
        unlisted.vendor,
        unlisted.connection,
        unlisted.protected_id,
        reading.product,
        reading.meter,
        reading.resource_id,
        reading.quantity,
        row_number() OVER (
            PARTITION BY
                unlisted.month, unlisted.vendor, unlisted.connection, unlisted.protected_id, reading.product,
                reading.meter, reading.resource_id
            ORDER BY reading.usage_date DESC, reading.row_no
        ) AS place
    FROM (
        SELECT DISTINCT month, vendor, connection, protected_id, first_day FROM unlisted
    ) AS unlisted
    INNER JOIN staging.usage_snapshot AS reading
        ON reading.vendor = unlisted.vendor
        AND reading.connection = unlisted.connection
        AND CASE reading.vendor WHEN 'revirt365' THEN reading.account_id ELSE reading.resource_id END
        = unlisted.protected_id
        AND reading.usage_date < unlisted.first_day
        AND reading.usage_date >= unlisted.first_day - 62
    WHERE reading.resource_type IN ('backup_account', 'customer')
),
active AS (
    SELECT told.month, held.vendor, held.connection, held.account_id, held.subscription_id, held.usage_date
    FROM staging.subscription AS held
    INNER JOIN told
        ON told.vendor = held.vendor
        AND told.connection = held.connection
        AND told.usage_date = held.usage_date
        AND told.stream = 'consumption'
    WHERE held.vendor = 'redstor'
        AND held.status = 'active'
),
consumed AS (
    SELECT told.month, reading.*
    FROM staging.usage_snapshot AS reading
    INNER JOIN told
        ON told.vendor = reading.vendor
        AND told.connection = reading.connection
        AND told.usage_date = reading.usage_date
        AND told.stream = 'subscriptions'
    WHERE reading.vendor = 'redstor'
        AND reading.resource_type = 'subscription'
)
SELECT
    unlisted.month,
    'R-48' AS code,
    unlisted.vendor,
    unlisted.connection,
    unlisted.account_id,
    concat('backups without usage: ', unlisted.protected_id) AS subject,
    coalesce(latest.product, '') AS product,
    coalesce(latest.meter, '') AS meter,
    unlisted.usage_date,
    coalesce(latest.quantity, 0) AS quantity
FROM unlisted
LEFT JOIN latest
    ON latest.month = unlisted.month
    AND latest.vendor = unlisted.vendor
    AND latest.connection = unlisted.connection
    AND latest.protected_id = unlisted.protected_id
    AND latest.place = 1
UNION ALL
SELECT
    active.month,
    'R-48' AS code,
    active.vendor,
    active.connection,
    active.account_id,
    concat('subscription without usage: ', active.subscription_id) AS subject,
    '' AS product,
    '' AS meter,
    active.usage_date,
    0 AS quantity
FROM active
ANTI JOIN consumed
    ON consumed.vendor = active.vendor
    AND consumed.connection = active.connection
    AND consumed.usage_date = active.usage_date
    AND consumed.resource_id = active.subscription_id
UNION ALL
SELECT
    consumed.month,
    'R-48' AS code,
    consumed.vendor,
    consumed.connection,
    consumed.account_id,
    concat('usage without subscription: ', consumed.resource_id) AS subject,
    consumed.product,
    consumed.meter,
    consumed.usage_date,
    consumed.quantity
FROM consumed
ANTI JOIN active
    ON active.vendor = consumed.vendor
    AND active.connection = consumed.connection
    AND active.usage_date = consumed.usage_date
    AND active.subscription_id = consumed.resource_id
WHERE consumed.quantity > 0;
