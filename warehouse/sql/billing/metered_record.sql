-- What is metered together in a month, the streams that feed it, and how its days are to weigh.
-- grain: one owner and sold meter in one month, on trial or not
-- key: month, owner, on_trial, sold
-- asset: no, a step on the way to others
-- source: billing.metered_day, billing.sold_meter, billing.usage_owner, billing.customer_terms
-- partition: month
-- rebuilds: month
CREATE TABLE IF NOT EXISTS billing.metered_record (
    month DATE NOT NULL,
    owner INTEGER NOT NULL,
    on_trial BOOLEAN NOT NULL,
    sold INTEGER NOT NULL,
    sources UUID[] NOT NULL, -- in order
    gap_policy VARCHAR NOT NULL,
    spread VARCHAR NOT NULL, -- even, last, or the time zone by whose hours the days weigh
    readings BIGINT NOT NULL,
    positive BIGINT NOT NULL -- how many of them are above zero
);
WITH
fed AS (
    SELECT
        day.month,
        day.owner,
        day.on_trial,
        day.sold,
        day.source,
        sum(day.readings) AS readings,
        sum(day.positive) AS positive
    FROM billing.metered_day AS day
    INNER JOIN ops.build_month AS build
        ON build.month = day.month
    GROUP BY ALL
),
record AS (
    SELECT
        month,
        owner,
        on_trial,
        sold,
        list(source ORDER BY source) AS sources,
        CAST(sum(readings) AS BIGINT) AS readings,
        CAST(sum(positive) AS BIGINT) AS positive
    FROM fed
    GROUP BY month, owner, on_trial, sold
),
ruled AS (
    SELECT DISTINCT month, sold, aggregation, gap_policy FROM billing.sold_meter
),
zoned AS (
    SELECT owner.month, owner.owner, terms.time_zone
    FROM billing.usage_owner AS owner
    INNER JOIN ops.build_month AS build
        ON build.month = owner.month
    INNER JOIN billing.customer_terms AS terms
        ON terms.month = owner.month
        AND terms.customer_id = owner.customer_id
)
SELECT
    record.month,
    record.owner,
    record.on_trial,
    record.sold,
    record.sources,
    ruled.gap_policy,
    CASE ruled.aggregation
        WHEN 'last' THEN 'last'
        WHEN 'time_weighted' THEN coalesce(zoned.time_zone, 'UTC')
        ELSE 'even'
    END AS spread,
    record.readings,
    record.positive
FROM record
INNER JOIN ruled
    ON ruled.month = record.month
    AND ruled.sold = record.sold
LEFT JOIN zoned
    ON zoned.month = record.month
    AND zoned.owner = record.owner;
