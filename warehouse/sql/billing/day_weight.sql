-- Which days are reported, what stands for those that are not, and how much each weighs. It is the same for
-- all records of one pattern: fed by the same streams, with the same gap policy and spread. A day is reported
-- when each of those streams has a complete pull for it. Days that have not ended yet are not there.
-- grain: one day of one pattern
-- key: pattern, usage_date
-- asset: no, a step on the way to others
-- source: billing.metered_record, ops.current_pull, ops.calendar
-- partition: month
-- rebuilds: month
CREATE TABLE IF NOT EXISTS billing.day_weight (
    month DATE NOT NULL,
    pattern BIGINT NOT NULL, -- a number over all months
    sources UUID[] NOT NULL,
    gap_policy VARCHAR NOT NULL,
    spread VARCHAR NOT NULL,
    usage_date DATE NOT NULL,
    is_reported BOOLEAN NOT NULL,
    day_before DATE, -- the last reported day up to it
    day_after DATE, -- the first reported day from it on
    stands_on DATE, -- the day whose figure it has: its own when reported or interpolated; null for no figure
    weight INTEGER NOT NULL, -- equal parts of time
    is_worked_out BOOLEAN NOT NULL -- of the whole pattern: its days stand in worked_day
);
WITH
pattern AS (
    SELECT
        found.*,
        CAST(date_diff('day', DATE '2000-01-01', month) AS BIGINT) * CAST(100000 AS BIGINT)
        + row_number() OVER (PARTITION BY month ORDER BY sources, gap_policy, spread) AS pattern
    FROM (
        SELECT DISTINCT record.month, build.metered_until, record.sources, record.gap_policy, record.spread
        FROM billing.metered_record AS record
        INNER JOIN ops.build_month AS build
            ON build.month = record.month
    ) AS found
),
pulled AS (
    SELECT feed.pattern, pull.usage_date, count(*) AS streams
    FROM (SELECT month, pattern, unnest(sources) AS source FROM pattern) AS feed
    INNER JOIN ops.current_pull AS pull
        ON CAST(md5(concat_ws('|', pull.vendor, pull.connection, pull.stream)) AS UUID) = feed.source
        AND CAST(date_trunc('month', pull.usage_date) AS DATE) = feed.month
    GROUP BY feed.pattern, pull.usage_date
),
-- Half hours where all days have whole ones: small numbers leave room for large quantities.
timed AS (
    SELECT
        month,
        usage_date,
        time_zone,
        CASE
            WHEN max(seconds % 1800) OVER (PARTITION BY month, time_zone) = 0 THEN seconds // 1800
            ELSE seconds
        END AS parts
    FROM ops.calendar
),
told AS (
    SELECT
        pattern.*,
        calendar.usage_date,
        CASE pattern.spread
            WHEN 'even' THEN 1
            WHEN 'last' THEN CASE WHEN calendar.usage_date = pattern.metered_until THEN 1 ELSE 0 END
            ELSE calendar.parts
        END AS weight,
        CASE WHEN pulled.streams = array_length(pattern.sources) THEN calendar.usage_date END AS reported_on
    FROM pattern
    INNER JOIN timed AS calendar
        ON calendar.month = pattern.month
        AND calendar.time_zone = CASE WHEN pattern.spread IN ('even', 'last') THEN 'UTC' ELSE pattern.spread END
        AND calendar.usage_date <= pattern.metered_until
    LEFT JOIN pulled
        ON pulled.pattern = pattern.pattern
        AND pulled.usage_date = calendar.usage_date
),
surrounded AS (
    SELECT
        *,
        max(reported_on) OVER (PARTITION BY pattern ORDER BY usage_date) AS day_before,
        min(reported_on) OVER (PARTITION BY pattern ORDER BY usage_date DESC) AS day_after
    FROM told
),
stood_in AS (
    SELECT
        *,
        reported_on IS NOT NULL AS is_reported,
        CASE
            WHEN reported_on IS NOT NULL THEN usage_date
            WHEN gap_policy = 'carry' OR (gap_policy = 'interpolate' AND (day_before IS NULL OR day_after IS NULL))
                THEN coalesce(day_before, day_after)
            WHEN gap_policy = 'interpolate' THEN usage_date
        END AS stands_on
    FROM surrounded
)
SELECT
    month,
    pattern,
    sources,
    gap_policy,
    spread,
    usage_date,
    is_reported,
    day_before,
    day_after,
    stands_on,
    CAST(weight AS INTEGER) AS weight,
    array_length(sources) > 1 OR bool_or(NOT is_reported AND stands_on = usage_date) OVER (PARTITION BY pattern)
        AS is_worked_out
FROM stood_in;
