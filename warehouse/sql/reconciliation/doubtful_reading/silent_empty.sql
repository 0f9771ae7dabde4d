-- What accounts had on the day before a fifth of them or more, and five at least, had nothing any more, or
-- their stream succeeded without a row.
-- source: staging.usage_snapshot, ops.current_pull
WITH
-- Each pull with the one of the day after, where that was landed.
followed AS (
    SELECT
        build.month,
        before.vendor,
        before.connection,
        before.stream,
        before.pull_id,
        after.pull_id AS after_pull_id,
        after.usage_date
    FROM ops.current_pull AS after
    INNER JOIN ops.build_month AS build
        ON after.usage_date >= build.month
        AND after.usage_date <= build.last_day
    INNER JOIN ops.current_pull AS before
        ON before.vendor = after.vendor
        AND before.connection = after.connection
        AND before.stream = after.stream
        AND before.usage_date = after.usage_date - 1
),
used AS (
    SELECT reading.pull_id, reading.account_id
    FROM staging.usage_snapshot AS reading
    INNER JOIN ops.build_month AS build
        ON reading.usage_date >= build.month - 1
        AND reading.usage_date <= build.last_day
    WHERE reading.quantity > 0
        AND reading.quality <> 'manual'
    GROUP BY reading.pull_id, reading.account_id
),
followed_account AS (
    SELECT followed.*, used.account_id, still.account_id IS NULL AS is_lost
    FROM followed
    INNER JOIN used
        ON used.pull_id = followed.pull_id
    LEFT JOIN used AS still
        ON still.pull_id = followed.after_pull_id
        AND still.account_id = used.account_id
),
emptied AS (
    SELECT after_pull_id
    FROM followed_account
    GROUP BY after_pull_id
    HAVING count(CASE WHEN is_lost THEN 1 END) = count(*)
        OR (
            count(CASE WHEN is_lost THEN 1 END) >= 5
            AND CAST(count(CASE WHEN is_lost THEN 1 END) AS HUGEINT) * CAST(5 AS HUGEINT) >= count(*)
        )
),
-- A stream that still tells something, if only of accounts without usage, is not empty.
told AS (
    SELECT DISTINCT reading.pull_id
    FROM staging.usage_snapshot AS reading
    INNER JOIN emptied
        ON emptied.after_pull_id = reading.pull_id
),
lost AS (
    SELECT *, count(*) OVER (PARTITION BY after_pull_id) AS accounts
    FROM followed_account
    WHERE is_lost
        AND after_pull_id IN (SELECT emptied.after_pull_id FROM emptied)
)
SELECT
    lost.month,
    'R-51' AS code,
    lost.vendor,
    lost.connection,
    lost.account_id,
    concat_ws(' ', lost.stream, CAST(lost.usage_date AS VARCHAR)) AS subject,
    reading.product,
    reading.meter,
    lost.usage_date,
    reading.quantity
FROM lost
LEFT JOIN told
    ON told.pull_id = lost.after_pull_id
INNER JOIN staging.usage_snapshot AS reading
    ON reading.pull_id = lost.pull_id
    AND reading.account_id = lost.account_id
    AND reading.quantity > 0
WHERE lost.accounts >= 5
    OR told.pull_id IS NULL;
