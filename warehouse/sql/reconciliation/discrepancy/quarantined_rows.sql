-- Rows of a vendor's answer that could not be read, and so are in no bill. What a vendor asks for its products is
-- nobody's usage and does not count.
-- R-05: rows quarantined
-- stops: close
-- direction: leak
-- tolerance: amount 0, percent 0, count 0
-- guards: ops.quarantine
-- vendors: all
-- source: ops.open_problem, ops.pull, staging.vendor_price
SELECT
    'R-05' AS code,
    build.month,
    problem.vendor,
    problem.connection,
    problem.stream AS subject,
    'rows' AS unit,
    CAST(0 AS DECIMAL(38,9)) AS expected,
    CAST(problem.rows AS DECIMAL(38,9)) AS actual,
    problem.sentence
FROM ops.open_problem AS problem
INNER JOIN ops.build_month AS build
    ON problem.usage_date >= build.month
    AND problem.usage_date <= build.last_day
LEFT JOIN (
    SELECT DISTINCT pull.vendor, pull.stream
    FROM staging.vendor_price AS price
    INNER JOIN ops.pull AS pull
        ON pull.pull_id = price.pull_id
) AS price_list
    ON price_list.vendor = problem.vendor
    AND price_list.stream = problem.stream
WHERE problem.kind = 'rows quarantined'
    AND price_list.stream IS NULL;
