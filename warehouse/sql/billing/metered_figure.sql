-- The days of a month as one figure, gaps filled: added up by weight, the highest, or a rank of them.
-- A reported day carries the weight of the days that it stands for.
-- grain: one owner and sold meter in one month, on trial or not
-- key: month, owner, on_trial, sold
-- asset: no, a step on the way to others
-- source: billing.metered_day, billing.worked_day, billing.metered_record, billing.day_weight,
--     billing.sold_meter, billing.counted_resource
-- partition: month
-- rebuilds: month
-- units: figure in 10^-9 of the smallest unit of the meter's kind, as a byte
-- rounding: none
CREATE TABLE IF NOT EXISTS billing.metered_figure (
    month DATE NOT NULL,
    owner INTEGER NOT NULL,
    on_trial BOOLEAN NOT NULL,
    sold INTEGER NOT NULL,
    figure HUGEINT NOT NULL, -- to be divided by divisor
    divisor HUGEINT NOT NULL,
    highest DECIMAL(38,9) NOT NULL, -- day of the month, in the meter's unit
    size HUGEINT NOT NULL, -- of that unit
    days_expected INTEGER NOT NULL,
    days_reported INTEGER NOT NULL,
    readings BIGINT NOT NULL
);
WITH
weight AS (
    SELECT
        day.pattern,
        day.stands_on AS usage_date,
        CAST(sum(day.weight) AS BIGINT) AS weight,
        count(*) AS days
    FROM billing.day_weight AS day
    INNER JOIN ops.build_month AS build
        ON build.month = day.month
    WHERE day.stands_on IS NOT NULL
    GROUP BY day.pattern, day.stands_on
),
pattern AS (
    SELECT
        day.month,
        day.pattern,
        day.sources,
        day.gap_policy,
        day.spread,
        day.is_worked_out,
        CAST(sum(day.weight) AS HUGEINT) AS weight,
        CAST(count(*) AS INTEGER) AS days_expected,
        CAST(count(CASE WHEN day.is_reported THEN 1 END) AS INTEGER) AS days_reported,
        count(CASE WHEN day.stands_on IS NOT NULL OR day.gap_policy = 'zero' THEN 1 END) AS days_with_figure
    FROM billing.day_weight AS day
    INNER JOIN ops.build_month AS build
        ON build.month = day.month
    GROUP BY ALL
),
ruled AS (
    SELECT DISTINCT month, sold, aggregation, percentile, size FROM billing.sold_meter
),
record AS (
    SELECT
        record.* EXCLUDE (sources, gap_policy, spread),
        pattern.pattern,
        pattern.is_worked_out,
        pattern.weight,
        pattern.days_expected,
        pattern.days_reported,
        pattern.days_with_figure,
        ruled.aggregation,
        ruled.percentile,
        ruled.size
    FROM billing.metered_record AS record
    INNER JOIN pattern
        ON pattern.month = record.month
        AND pattern.sources = record.sources
        AND pattern.gap_policy = record.gap_policy
        AND pattern.spread = record.spread
    INNER JOIN ruled
        ON ruled.month = record.month
        AND ruled.sold = record.sold
),
day AS NOT MATERIALIZED (
    SELECT daily.month, daily.owner, daily.on_trial, daily.sold, daily.usage_date, daily.quantity, false AS is_worked_out
    FROM billing.metered_day AS daily
    UNION ALL
    SELECT worked.month, worked.owner, worked.on_trial, worked.sold, worked.usage_date, worked.quantity, true
    FROM billing.worked_day AS worked
),
summed AS (
    SELECT
        record.month,
        record.owner,
        record.on_trial,
        record.sold,
        -- Of a hundred readings of the largest number there is; a month has less than 10^7 seconds.
        sum(CAST(day.quantity AS DECIMAL(30,9)) * CAST(weight.weight AS DECIMAL(7,0))) AS total,
        max(day.quantity) AS highest,
        sum(weight.days) AS days
    FROM day
    INNER JOIN record
        ON record.month = day.month
        AND record.owner = day.owner
        AND record.on_trial = day.on_trial
        AND record.sold = day.sold
        AND record.is_worked_out = day.is_worked_out
    INNER JOIN weight
        ON weight.pattern = record.pattern
        AND weight.usage_date = day.usage_date
    GROUP BY record.month, record.owner, record.on_trial, record.sold
),
-- A percentile needs the days themselves; those without a figure are zero.
ranked_day AS (
    SELECT record.month, record.owner, record.on_trial, record.sold, day.quantity, weight.days
    FROM day
    INNER JOIN record
        ON record.month = day.month
        AND record.owner = day.owner
        AND record.on_trial = day.on_trial
        AND record.sold = day.sold
        AND record.is_worked_out = day.is_worked_out
    INNER JOIN weight
        ON weight.pattern = record.pattern
        AND weight.usage_date = day.usage_date
    WHERE record.aggregation = 'percentile'
    UNION ALL
    SELECT
        record.month,
        record.owner,
        record.on_trial,
        record.sold,
        CAST(0 AS DECIMAL(38,9)) AS quantity,
        record.days_expected - coalesce(summed.days, 0) AS days
    FROM record
    LEFT JOIN summed
        ON summed.month = record.month
        AND summed.owner = record.owner
        AND summed.on_trial = record.on_trial
        AND summed.sold = record.sold
    WHERE record.aggregation = 'percentile'
        AND record.days_expected > coalesce(summed.days, 0)
),
up_to AS (
    SELECT
        month,
        owner,
        on_trial,
        sold,
        quantity,
        sum(days) OVER (PARTITION BY month, owner, on_trial, sold ORDER BY quantity) AS days
    FROM ranked_day
),
ranked AS (
    SELECT record.month, record.owner, record.on_trial, record.sold, min(up_to.quantity) AS quantity
    FROM up_to
    INNER JOIN record
        ON record.month = up_to.month
        AND record.owner = up_to.owner
        AND record.on_trial = up_to.on_trial
        AND record.sold = up_to.sold
    WHERE CAST(up_to.days AS HUGEINT) * CAST(100 AS HUGEINT)
        >= CAST(record.days_expected AS HUGEINT) * CAST(record.percentile AS HUGEINT)
    GROUP BY record.month, record.owner, record.on_trial, record.sold
),
gathered AS (
    SELECT
        record.*,
        coalesce(summed.total, 0) AS total,
        CASE
            WHEN coalesce(summed.days, 0) < record.days_with_figure OR summed.highest IS NULL
                THEN greatest(coalesce(summed.highest, 0), 0)
            ELSE summed.highest
        END AS highest_day,
        ranked.quantity AS ranked,
        coalesce(resource.resources, 0) AS resources
    FROM record
    LEFT JOIN summed
        ON summed.month = record.month
        AND summed.owner = record.owner
        AND summed.on_trial = record.on_trial
        AND summed.sold = record.sold
    LEFT JOIN ranked
        ON ranked.month = record.month
        AND ranked.owner = record.owner
        AND ranked.on_trial = record.on_trial
        AND ranked.sold = record.sold
    LEFT JOIN billing.counted_resource AS resource
        ON resource.month = record.month
        AND resource.owner = record.owner
        AND resource.on_trial = record.on_trial
        AND resource.sold = record.sold
)
SELECT
    month,
    owner,
    on_trial,
    sold,
    CASE aggregation
        WHEN 'count' THEN CAST(positive AS HUGEINT) * CAST(1000000000 AS HUGEINT)
        WHEN 'unique_count' THEN CAST(resources AS HUGEINT) * CAST(1000000000 AS HUGEINT)
        WHEN 'peak' THEN CAST(billing.nano(highest_day) AS HUGEINT) * CAST(size AS HUGEINT)
        WHEN 'high_water' THEN CAST(billing.nano(highest_day) AS HUGEINT) * CAST(size AS HUGEINT)
        WHEN 'percentile' THEN CAST(billing.nano(ranked) AS HUGEINT) * CAST(size AS HUGEINT)
        ELSE CAST(billing.nano(total) AS HUGEINT) * CAST(size AS HUGEINT)
    END AS figure,
    CASE WHEN aggregation IN ('average', 'time_weighted') THEN weight ELSE CAST(1 AS HUGEINT) END AS divisor,
    CAST(highest_day AS DECIMAL(38,9)) AS highest,
    size,
    days_expected,
    days_reported,
    readings
FROM gathered;
