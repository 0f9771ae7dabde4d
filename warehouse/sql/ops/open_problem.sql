-- What is wrong with the landed data, each in one plain sentence. What comes back day after day for the same
-- cause is one problem a month: its first day, on how many days, and how many rows could not be read.
-- grain: one problem
-- key: kind, vendor, connection, stream, usage_date, subject
-- source: ops.pull, ops.current_pull, ops.schema_drift, staging.usage_snapshot
CREATE OR REPLACE VIEW ops.open_problem AS
WITH
-- The last word on each stream and day that has no complete pull. Sentences that differ in figures and dates
-- only are one cause.
unmended AS (
    SELECT
        pull.vendor,
        pull.connection,
        pull.stream,
        pull.status,
        date_trunc('month', pull.usage_date) AS month,
        regexp_replace(pull.reason, '[0-9]+', '', 'g') AS cause,
        min(pull.usage_date) AS first_day,
        max(pull.usage_date) AS last_day,
        count(*) AS days,
        min(pull.reason) AS reason,
        min(pull.responses_path) AS responses_path
    FROM (
        SELECT
            *,
            row_number() OVER (
                PARTITION BY vendor, connection, stream, usage_date
                ORDER BY finished_at DESC, pull_id
            ) AS place
        FROM ops.pull
    ) AS pull
    LEFT JOIN ops.current_pull AS mended
        ON mended.vendor = pull.vendor
        AND mended.connection = pull.connection
        AND mended.stream = pull.stream
        AND mended.usage_date = pull.usage_date
    WHERE pull.place = 1
        AND mended.pull_id IS NULL
    GROUP BY ALL
),
quarantined AS (
    SELECT
        vendor,
        connection,
        stream,
        date_trunc('month', usage_date) AS month,
        min(usage_date) AS first_day,
        max(usage_date) AS last_day,
        count(*) AS days,
        sum(quarantined) AS rows,
        min(quarantine_path) AS quarantine_path
    FROM ops.current_pull
    WHERE quarantined > 0
    GROUP BY ALL
),
-- Every day from a connection's first to the latest one of all must be there, of each of its streams.
-- A file comes when it comes.
known AS (
    SELECT DISTINCT vendor, connection, stream, min(usage_date) OVER (PARTITION BY vendor, connection) AS first_day
    FROM ops.pull
    WHERE vendor <> 'files'
),
calendar AS (
    SELECT first_day + CAST(unnest(generate_series(0, days)) AS INTEGER) AS usage_date
    FROM (
        SELECT min(usage_date) AS first_day, date_diff('day', min(usage_date), max(usage_date)) AS days
        FROM ops.pull
    ) AS landed
),
absent AS (
    SELECT
        known.vendor,
        known.connection,
        known.stream,
        date_trunc('month', calendar.usage_date) AS month,
        min(calendar.usage_date) AS first_day,
        max(calendar.usage_date) AS last_day,
        count(*) AS days
    FROM known
    INNER JOIN calendar
        ON calendar.usage_date >= known.first_day
    LEFT JOIN ops.pull AS pull
        ON pull.vendor = known.vendor
        AND pull.connection = known.connection
        AND pull.stream = known.stream
        AND pull.usage_date = calendar.usage_date
    WHERE pull.pull_id IS NULL
    GROUP BY ALL
),
-- A file of the same usage under two names, or beside the vendor's own answer.
twice AS (
    SELECT
        brought.vendor,
        brought.connection,
        brought.account_id,
        brought.meter,
        min(brought.usage_date) AS usage_date,
        count(DISTINCT brought.usage_date) AS days
    FROM staging.usage_snapshot AS brought
    INNER JOIN staging.usage_snapshot AS other
        ON other.vendor = brought.vendor
        AND other.connection = brought.connection
        AND other.account_id = brought.account_id
        AND other.resource_id = brought.resource_id
        AND other.product = brought.product
        AND other.meter = brought.meter
        AND other.usage_date = brought.usage_date
        AND other.pull_id <> brought.pull_id
    WHERE brought.quality = 'manual'
    GROUP BY brought.vendor, brought.connection, brought.account_id, brought.meter
)
SELECT
    concat('pull ', status) AS kind,
    vendor,
    connection,
    stream,
    first_day AS usage_date,
    cause AS subject,
    days,
    CAST(NULL AS BIGINT) AS rows,
    CASE days
        WHEN 1 THEN reason
        ELSE concat(
            'On ', CAST(days AS VARCHAR), ' days between ', CAST(first_day AS VARCHAR), ' and ',
            CAST(last_day AS VARCHAR), ', for example: ', reason
        )
    END AS sentence,
    responses_path AS evidence
FROM unmended
UNION ALL
SELECT
    'pull missing' AS kind,
    vendor,
    connection,
    stream,
    first_day AS usage_date,
    '' AS subject,
    days,
    NULL AS rows,
    concat(
        vendor, '/', stream, ' was never pulled on ', CAST(days AS VARCHAR),
        CASE days WHEN 1 THEN ' day, ' ELSE concat(' days between ', CAST(first_day AS VARCHAR), ' and ') END,
        CAST(last_day AS VARCHAR), ' (connection ', connection,
        '): run those nights again where the vendor can still tell them.'
    ) AS sentence,
    NULL AS evidence
FROM absent
UNION ALL
SELECT
    'rows quarantined' AS kind,
    vendor,
    connection,
    stream,
    first_day AS usage_date,
    '' AS subject,
    days,
    CAST(rows AS BIGINT) AS rows,
    concat(
        vendor, '/', stream, ' has ', CAST(rows AS VARCHAR),
        CASE rows WHEN 1 THEN ' row' ELSE ' rows' END, ' that could not be read, on ', CAST(days AS VARCHAR),
        CASE days WHEN 1 THEN ' day, ' ELSE concat(' days between ', CAST(first_day AS VARCHAR), ' and ') END,
        CAST(last_day AS VARCHAR), ': see ops.quarantine for why.'
    ) AS sentence,
    quarantine_path AS evidence
FROM quarantined
UNION ALL
SELECT
    'schema drift' AS kind,
    vendor,
    NULL AS connection,
    stream,
    first_seen_on AS usage_date,
    field AS subject,
    NULL AS days,
    NULL AS rows,
    concat(
        vendor, '/', stream, ' has sent the field ', field, ' since ', CAST(first_seen_on AS VARCHAR),
        ', which is not declared: it is kept in raw, in the column extra.'
    ) AS sentence,
    responses_path AS evidence
FROM ops.schema_drift
UNION ALL
SELECT
    'reading twice' AS kind,
    vendor,
    connection,
    NULL AS stream,
    usage_date,
    concat_ws(' ', account_id, meter) AS subject,
    days,
    NULL AS rows,
    concat(
        vendor, ' account ', account_id, ' has ', meter, ' twice on ', CAST(days AS VARCHAR), ' days since ',
        CAST(usage_date AS VARCHAR), ', in a file and elsewhere, and both are billed: give the mapping the name ',
        'it had, or stands_in_for, and import the file again.'
    ) AS sentence,
    NULL AS evidence
FROM twice;
