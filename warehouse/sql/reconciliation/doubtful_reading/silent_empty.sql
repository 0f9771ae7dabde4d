-- What accounts had on the day before a fifth of them or more, and five at least, had nothing any more, or
-- their stream succeeded without a row.
-- source: staging.usage_snapshot, ops.pull, ops.current_pull
WITH
told AS (
    SELECT
        pull.vendor,
        pull.connection,
        pull.stream,
        reading.account_id,
        reading.usage_date,
        max(reading.quantity) > 0 AS is_used
    FROM staging.usage_snapshot AS reading
    INNER JOIN ops.pull AS pull
        ON pull.pull_id = reading.pull_id
    INNER JOIN ops.build_month AS build
        ON reading.usage_date >= build.month - 1
        AND reading.usage_date <= build.last_day
    WHERE reading.quality <> 'manual'
    GROUP BY ALL
),
landed AS (
    SELECT told.vendor, told.connection, told.stream, told.usage_date, count(*) AS accounts
    FROM told
    GROUP BY ALL
),
-- Every account that had something, on the day after it, if that was landed.
next_day AS (
    SELECT
        before.*,
        pull.usage_date AS empty_on,
        coalesce(after.is_used, false) AS is_used_still
    FROM told AS before
    INNER JOIN ops.current_pull AS pull
        ON pull.vendor = before.vendor
        AND pull.connection = before.connection
        AND pull.stream = before.stream
        AND pull.usage_date = before.usage_date + 1
    LEFT JOIN told AS after
        ON after.vendor = before.vendor
        AND after.connection = before.connection
        AND after.stream = before.stream
        AND after.account_id = before.account_id
        AND after.usage_date = before.usage_date + 1
    WHERE before.is_used
),
emptied AS (
    SELECT counted.vendor, counted.connection, counted.stream, counted.empty_on
    FROM (
        SELECT
            vendor,
            connection,
            stream,
            empty_on,
            count(*) AS had,
            count(CASE WHEN NOT is_used_still THEN 1 END) AS lost
        FROM next_day
        GROUP BY vendor, connection, stream, empty_on
    ) AS counted
    LEFT JOIN landed
        ON landed.vendor = counted.vendor
        AND landed.connection = counted.connection
        AND landed.stream = counted.stream
        AND landed.usage_date = counted.empty_on
    WHERE landed.accounts IS NULL
        OR (
            counted.lost >= 5
            AND CAST(counted.lost AS HUGEINT) * CAST(5 AS HUGEINT) >= counted.had
        )
)
SELECT
    build.month,
    'R-51' AS code,
    lost.vendor,
    lost.connection,
    lost.account_id,
    concat_ws(' ', lost.stream, CAST(lost.empty_on AS VARCHAR)) AS subject,
    reading.product,
    reading.meter,
    lost.empty_on AS usage_date,
    reading.quantity
FROM emptied
INNER JOIN ops.build_month AS build
    ON emptied.empty_on >= build.month
    AND emptied.empty_on <= build.last_day
INNER JOIN next_day AS lost
    ON lost.vendor = emptied.vendor
    AND lost.connection = emptied.connection
    AND lost.stream = emptied.stream
    AND lost.empty_on = emptied.empty_on
    AND NOT lost.is_used_still
INNER JOIN staging.usage_snapshot AS reading
    ON reading.vendor = lost.vendor
    AND reading.connection = lost.connection
    AND reading.account_id = lost.account_id
    AND reading.usage_date = lost.usage_date
INNER JOIN ops.pull AS pull
    ON pull.pull_id = reading.pull_id
    AND pull.stream = lost.stream
WHERE reading.quantity > 0;
