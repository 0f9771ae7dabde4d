-- A vendor that begins to send what it did not send before: a field that its stream does not declare, or a figure
-- in another unit than reference.meter counts in. The figure is billed as if it were in that unit.
-- R-06: schema drift
-- stops: no
-- direction: control
-- tolerance: amount 0, percent 0, count 0
-- guards: staging.usage_snapshot
-- vendors: all
-- source: ops.schema_drift, staging.usage_snapshot, reference.meter
SELECT
    'R-06' AS code,
    build.month,
    drift.vendor,
    concat_ws(' ', drift.stream, drift.field) AS subject,
    concat(
        drift.vendor, '/', drift.stream, ' has sent the field ', drift.field, ' since ',
        CAST(drift.first_seen_on AS VARCHAR),
        ', which is not declared: it is kept in raw, in the column extra. See whether it changes what is billed.'
    ) AS sentence
FROM ops.schema_drift AS drift
INNER JOIN ops.build_month AS build
    ON drift.first_seen_on >= build.month
    AND drift.first_seen_on <= build.last_day
UNION ALL BY NAME
SELECT
    'R-06' AS code,
    told.month,
    told.vendor,
    told.connection,
    concat_ws(' ', told.meter, told.unit) AS subject,
    concat(
        told.vendor, ' has told ', told.meter, ' in ', told.unit, ' since ', CAST(told.first_day AS VARCHAR),
        ', and it is billed as ', meter.unit, ': correct the unit in meter, or in the mapping of the file.'
    ) AS sentence
FROM (
    SELECT
        build.month,
        reading.vendor,
        reading.connection,
        reading.meter,
        reading.unit,
        min(reading.usage_date) AS first_day
    FROM staging.usage_snapshot AS reading
    INNER JOIN ops.build_month AS build
        ON reading.usage_date >= build.month
        AND reading.usage_date <= build.last_day
    GROUP BY ALL
) AS told
INNER JOIN reference.meter AS meter
    ON meter.vendor = told.vendor
    AND meter.meter = told.meter
    AND meter.valid_from <= told.month
    AND (meter.valid_to IS NULL OR meter.valid_to > told.month)
WHERE meter.unit <> told.unit;
