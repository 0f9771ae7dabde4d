-- The days of the few records whose readings do not say them as they are: several streams are added up, and
-- days between reported ones are interpolated.
-- grain: one day of one owner and sold meter, on trial or not
-- key: month, owner, on_trial, sold, usage_date
-- asset: no, a step on the way to others
-- source: billing.metered_day, billing.metered_record, billing.day_weight
-- partition: month
-- rebuilds: month
-- units: the meter's, as staged
-- rounding: interpolated days to 9 decimals, half away from zero
CREATE TABLE IF NOT EXISTS billing.worked_day (
    month DATE NOT NULL,
    owner INTEGER NOT NULL,
    on_trial BOOLEAN NOT NULL,
    sold INTEGER NOT NULL,
    usage_date DATE NOT NULL,
    quantity DECIMAL(38,9) NOT NULL
);
WITH
told AS (
    SELECT record.month, record.owner, record.on_trial, record.sold, day.* EXCLUDE (month)
    FROM billing.metered_record AS record
    INNER JOIN ops.build_month AS build
        ON build.month = record.month
    INNER JOIN billing.day_weight AS day
        ON day.month = record.month
        AND day.sources = record.sources
        AND day.gap_policy = record.gap_policy
        AND day.spread = record.spread
    WHERE day.is_worked_out
),
added AS (
    SELECT
        told.month,
        told.owner,
        told.on_trial,
        told.sold,
        told.usage_date,
        CAST(sum(daily.quantity) AS DECIMAL(38,9)) AS quantity
    FROM billing.metered_day AS daily
    INNER JOIN told
        ON told.month = daily.month
        AND told.owner = daily.owner
        AND told.on_trial = daily.on_trial
        AND told.sold = daily.sold
        AND told.usage_date = daily.usage_date
    WHERE told.is_reported
    GROUP BY told.month, told.owner, told.on_trial, told.sold, told.usage_date
),
interpolated AS (
    SELECT
        gap.month,
        gap.owner,
        gap.on_trial,
        gap.sold,
        gap.usage_date,
        billing.half(
            CAST(billing.nano(coalesce(low.quantity, 0)) AS HUGEINT)
            * CAST(date_diff('day', gap.usage_date, gap.day_after) AS HUGEINT)
            + CAST(billing.nano(coalesce(high.quantity, 0)) AS HUGEINT)
            * CAST(date_diff('day', gap.day_before, gap.usage_date) AS HUGEINT),
            date_diff('day', gap.day_before, gap.day_after)
        ) AS nano
    FROM told AS gap
    LEFT JOIN added AS low
        ON low.month = gap.month
        AND low.owner = gap.owner
        AND low.on_trial = gap.on_trial
        AND low.sold = gap.sold
        AND low.usage_date = gap.day_before
    LEFT JOIN added AS high
        ON high.month = gap.month
        AND high.owner = gap.owner
        AND high.on_trial = gap.on_trial
        AND high.sold = gap.sold
        AND high.usage_date = gap.day_after
    WHERE NOT gap.is_reported
        AND gap.stands_on = gap.usage_date
)
SELECT month, owner, on_trial, sold, usage_date, quantity FROM added
UNION ALL
SELECT
    month,
    owner,
    on_trial,
    sold,
    usage_date,
    CAST(
        CAST(nano // 1000000000 AS DECIMAL(29,0))
        + CAST(nano % 1000000000 AS DECIMAL(19,0)) * CAST(0.000000001 AS DECIMAL(9,9)) AS DECIMAL(38,9)
    ) AS quantity
FROM interpolated;
