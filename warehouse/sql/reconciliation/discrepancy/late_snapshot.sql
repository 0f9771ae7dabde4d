-- Figures of another day: a stream that tells only the present was read before the day was over that its answer is
-- filed for, or after the noon that follows it, in whichever time zone. What the right figures are nobody can say.
-- R-50: another day's figures
-- stops: close
-- direction: control
-- tolerance: amount 0, percent 0, count 0
-- guards: staging.usage_snapshot
-- vendors: infrascale, xopero, resellerclub
-- not_for: redstor, whose consumption is asked for by its day; revirt365, whose contract file says what its answers speak of
-- source: ops.current_pull
SELECT
    'R-50' AS code,
    build.month,
    pull.vendor,
    pull.connection,
    concat_ws(' ', pull.stream, CAST(pull.usage_date AS VARCHAR)) AS subject,
    concat(
        pull.vendor, '/', pull.stream, ' tells only the present, and what is filed for ',
        CAST(pull.usage_date AS VARCHAR), ' was read from ', strftime(pull.started_at, '%Y-%m-%d %H:%M'), ' to ',
        strftime(pull.finished_at, '%Y-%m-%d %H:%M'), ' UTC (connection ', pull.connection,
        '): take that pull out, and leave the day to its gap policy or bring a file.'
    ) AS sentence
FROM ops.current_pull AS pull
INNER JOIN ops.build_month AS build
    ON pull.usage_date >= build.month
    AND pull.usage_date <= build.last_day
INNER JOIN (
    VALUES
        ('infrascale', 'accounts'),
        ('infrascale', 'licenses'),
        ('infrascale', 'cloud_usage'),
        ('infrascale', 'appliances'),
        ('xopero', 'customer_usage'),
        ('resellerclub', 'orders')
) AS present (vendor, stream)
    ON present.vendor = pull.vendor
    AND present.stream = pull.stream
WHERE CAST(pull.started_at AS DATE) > pull.usage_date + 1
    OR CAST(pull.finished_at AS DATE) < pull.usage_date
    OR (CAST(pull.finished_at AS DATE) = pull.usage_date AND hour(pull.finished_at) < 10);
