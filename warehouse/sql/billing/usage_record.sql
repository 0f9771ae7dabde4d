-- The quantity of one meter that a customer used of one SKU in one month, from its daily sums: the
-- highest, the mean of the reported days, or that of the last reported day. A day is reported when
-- every stream that feeds the record has a complete pull for it; on such a day an account that the
-- vendor does not list counts as none. Without any reported day the quantity is null, never 0.
-- grain: one customer, vendor, meter, SKU and reason not to bill it in one month
-- key: usage_record_id
-- source: billing.daily_usage, ops.current_pull
-- partition: month
-- rebuilds: month
-- units: the SKU's: the vendor's divided by the meter's divisor
-- rounding: once, to a multiple of the meter's quantity_step, halves away from zero
CREATE TABLE IF NOT EXISTS billing.usage_record (
    usage_record_id VARCHAR NOT NULL,
    month DATE NOT NULL,
    customer_id VARCHAR,
    vendor VARCHAR NOT NULL,
    meter VARCHAR NOT NULL,
    sku VARCHAR NOT NULL,
    billable BOOLEAN NOT NULL,
    not_billable_reason VARCHAR,
    aggregation VARCHAR NOT NULL,
    quantity DECIMAL(20,6),
    days_expected INTEGER NOT NULL,
    days_reported INTEGER NOT NULL,
    readings BIGINT NOT NULL
);
WITH
usage AS (
    SELECT daily_usage.*, build.last_day
    FROM billing.daily_usage AS daily_usage
    INNER JOIN ops.build_month AS build
        ON build.month = daily_usage.month
),
source AS (
    SELECT DISTINCT usage_record_id, month, last_day, source_vendor, connection, stream FROM usage
),
sources AS (
    SELECT usage_record_id, count(*) AS streams FROM source GROUP BY usage_record_id
),
pulled AS (
    SELECT source.usage_record_id, pull.usage_date, count(*) AS streams
    FROM source
    INNER JOIN ops.current_pull AS pull
        ON pull.vendor = source.source_vendor
        AND pull.connection = source.connection
        AND pull.stream = source.stream
        AND pull.usage_date >= source.month
        AND pull.usage_date <= source.last_day
    GROUP BY source.usage_record_id, pull.usage_date
),
reported AS (
    SELECT pulled.usage_record_id, pulled.usage_date
    FROM pulled
    INNER JOIN sources
        ON sources.usage_record_id = pulled.usage_record_id
        AND sources.streams = pulled.streams
),
coverage AS (
    SELECT usage_record_id, CAST(count(*) AS INTEGER) AS days_reported, max(usage_date) AS latest
    FROM reported
    GROUP BY usage_record_id
),
record AS (
    SELECT
        usage_record_id,
        month,
        last_day,
        customer_id,
        vendor,
        meter,
        sku,
        billable,
        not_billable_reason,
        aggregation,
        divisor,
        CAST(
            CAST(quantity_step AS DECIMAL(20,6)) * CAST(1000000 AS DECIMAL(7,0)) AS HUGEINT
        ) AS step_millionths,
        CAST(sum(readings) AS BIGINT) AS readings
    FROM usage
    GROUP BY ALL
),
daily AS (
    SELECT usage_record_id, usage_date, sum(quantity) AS quantity
    FROM usage
    GROUP BY usage_record_id, usage_date
),
figures AS (
    SELECT
        daily.usage_record_id,
        max(daily.quantity) AS peak,
        sum(CASE WHEN reported.usage_date IS NOT NULL THEN daily.quantity END) AS total,
        sum(CASE WHEN daily.usage_date = coverage.latest THEN daily.quantity END) AS latest
    FROM daily
    LEFT JOIN coverage
        ON coverage.usage_record_id = daily.usage_record_id
    LEFT JOIN reported
        ON reported.usage_record_id = daily.usage_record_id
        AND reported.usage_date = daily.usage_date
    GROUP BY daily.usage_record_id
),
gathered AS (
    SELECT
        record.*,
        coalesce(coverage.days_reported, 0) AS days_reported,
        CAST(coalesce(
            CASE record.aggregation
                WHEN 'peak' THEN figures.peak
                WHEN 'average' THEN figures.total
                WHEN 'last' THEN figures.latest
            END,
            0
        ) AS DECIMAL(28,9)) AS gathered
    FROM record
    INNER JOIN figures
        ON figures.usage_record_id = record.usage_record_id
    LEFT JOIN coverage
        ON coverage.usage_record_id = record.usage_record_id
),
-- In whole numbers: dividend over whole is the quantity in steps.
divided AS (
    SELECT
        *,
        CAST(
            CAST(gathered AS DECIMAL(28,9)) * CAST(1000000000 AS DECIMAL(10,0)) AS HUGEINT
        ) AS dividend,
        CAST(1000 AS HUGEINT)
        * CAST(divisor AS HUGEINT)
        * CAST(step_millionths AS HUGEINT)
        * CAST(CASE aggregation WHEN 'average' THEN greatest(days_reported, 1) ELSE 1 END AS HUGEINT)
            AS whole
    FROM gathered
),
stepped AS (
    SELECT
        *,
        CAST(sign(dividend) AS HUGEINT)
        * CAST((abs(dividend) + abs(dividend) + whole) // (whole + whole) AS HUGEINT)
        * CAST(step_millionths AS HUGEINT) AS millionths
    FROM divided
)
SELECT
    usage_record_id,
    month,
    customer_id,
    vendor,
    meter,
    sku,
    billable,
    not_billable_reason,
    aggregation,
    CASE WHEN days_reported > 0
        THEN CAST(CAST(millionths AS DECIMAL(26,0)) * CAST(0.000001 AS DECIMAL(6,6)) AS DECIMAL(20,6))
    END AS quantity,
    CAST(date_diff('day', month, last_day) + 1 AS INTEGER) AS days_expected,
    days_reported,
    readings
FROM stepped;
