-- A day that the vendor can no longer tell, because its stream tells only the present: the gap policy of the meter
-- stands for it, and the line of the invoice says so. Only a file can still bring it.
-- R-49: snapshot lost
-- stops: no
-- direction: control
-- tolerance: amount 0, percent 0, count 0
-- guards: ops.pull
-- vendors: all
-- not_for: the streams that can be asked for any past day: infrascale/history_events, redstor/consumption, resellerclub/transactions
-- source: ops.pull, ops.current_pull
SELECT
    'R-49' AS code,
    build.month,
    pull.vendor,
    pull.connection,
    pull.stream AS subject,
    'days' AS unit,
    CAST(0 AS DECIMAL(38,9)) AS expected,
    CAST(count(DISTINCT pull.usage_date) AS DECIMAL(38,9)) AS actual,
    concat(
        pull.vendor, '/', pull.stream, ' tells only the present and was not read in time on ',
        CAST(count(DISTINCT pull.usage_date) AS VARCHAR),
        CASE count(DISTINCT pull.usage_date)
            WHEN 1 THEN ' day, '
            ELSE concat(' days between ', CAST(min(pull.usage_date) AS VARCHAR), ' and ')
        END,
        CAST(max(pull.usage_date) AS VARCHAR), ' (connection ', pull.connection,
        '): the gap policies of its meters stand for them. Bring a file of those days, or leave it at that.'
    ) AS sentence
FROM ops.pull AS pull
INNER JOIN ops.build_month AS build
    ON pull.usage_date >= build.month
    AND pull.usage_date <= build.last_day
LEFT JOIN ops.current_pull AS mended
    ON mended.vendor = pull.vendor
    AND mended.connection = pull.connection
    AND mended.stream = pull.stream
    AND mended.usage_date = pull.usage_date
WHERE pull.status = 'refused'
    AND mended.pull_id IS NULL
GROUP BY build.month, pull.vendor, pull.connection, pull.stream;
