-- Readings of the month that may be of a trial or not. Of Redstor, whose usage and subscriptions both say it, those
-- where the two differ; of every vendor those of what has been on trial without a break for more than sixty days.
-- source: staging.usage_snapshot, staging.subscription, ops.current_pull
WITH
differing AS (
    SELECT
        build.month,
        CASE WHEN reading.is_trial THEN 'trial by its usage alone' ELSE 'trial by its subscription alone' END AS what,
        reading.*
    FROM staging.subscription AS held
    INNER JOIN ops.build_month AS build
        ON held.usage_date >= build.month
        AND held.usage_date <= build.last_day
    INNER JOIN staging.usage_snapshot AS reading
        ON reading.vendor = held.vendor
        AND reading.connection = held.connection
        AND reading.account_id = held.account_id
        AND reading.resource_id = held.subscription_id
        AND reading.usage_date = held.usage_date
    WHERE held.vendor = 'redstor'
        AND reading.is_trial <> held.is_trial
),
pulled AS (
    SELECT build.month, pull.vendor, pull.connection, pull.usage_date
    FROM ops.current_pull AS pull
    INNER JOIN ops.build_month AS build
        ON pull.usage_date >= build.metered_until - 60
        AND pull.usage_date <= build.metered_until
    INNER JOIN (
        VALUES ('redstor', 'consumption'), ('xopero', 'customer_usage'), ('revirt365', 'usage')
    ) AS told (vendor, stream)
        ON told.vendor = pull.vendor
        AND told.stream = pull.stream
),
endless AS (
    SELECT pulled.month, reading.vendor, reading.connection, reading.account_id, reading.resource_id
    FROM staging.usage_snapshot AS reading
    INNER JOIN pulled
        ON pulled.vendor = reading.vendor
        AND pulled.connection = reading.connection
        AND pulled.usage_date = reading.usage_date
    WHERE reading.is_trial
    GROUP BY ALL
    HAVING count(DISTINCT reading.usage_date) = 61
),
contradicting AS (
    SELECT * FROM differing
    UNION ALL
    SELECT endless.month, 'trial without end' AS what, reading.*
    FROM endless
    INNER JOIN staging.usage_snapshot AS reading
        ON reading.vendor = endless.vendor
        AND reading.connection = endless.connection
        AND reading.account_id = endless.account_id
        AND reading.resource_id = endless.resource_id
        AND reading.usage_date >= endless.month
    INNER JOIN ops.build_month AS build
        ON build.month = endless.month
        AND reading.usage_date <= build.last_day
)
SELECT
    month,
    'R-54' AS code,
    vendor,
    connection,
    account_id,
    concat(what, ': ', resource_id) AS subject,
    product,
    meter,
    usage_date,
    quantity
FROM contradicting
WHERE quantity > 0;
