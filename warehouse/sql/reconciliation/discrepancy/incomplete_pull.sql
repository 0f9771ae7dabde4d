-- A stream that nobody asked for, or whose answer was not accepted as complete: what it tells of that day is not in
-- the bill. A pull counts as failed too when its rows are not as many as the vendor says there are.
-- R-01: pull missing
-- R-02: pull failed
-- stops: close
-- direction: control
-- tolerance: amount 0, percent 0, count 0
-- guards: ops.pull
-- vendors: all
-- source: ops.open_problem, ops.current_pull
SELECT
    CASE problem.kind WHEN 'pull missing' THEN 'R-01' ELSE 'R-02' END AS code,
    build.month,
    problem.vendor,
    problem.connection,
    concat_ws(': ', problem.stream, nullif(problem.subject, '')) AS subject,
    'days' AS unit,
    CAST(0 AS DECIMAL(38,9)) AS expected,
    CAST(problem.days AS DECIMAL(38,9)) AS actual,
    problem.sentence
FROM ops.open_problem AS problem
INNER JOIN ops.build_month AS build
    ON problem.usage_date >= build.month
    AND problem.usage_date <= build.last_day
-- A day that the vendor can no longer tell (refused) is a gap, for which its meter has a policy.
WHERE problem.kind IN ('pull failed', 'pull missing')
UNION ALL BY NAME
SELECT
    'R-02' AS code,
    build.month,
    pull.vendor,
    pull.connection,
    concat_ws(' ', pull.stream, CAST(pull.usage_date AS VARCHAR)) AS subject,
    'rows' AS unit,
    CAST(pull.vendor_total AS DECIMAL(38,9)) AS expected,
    CAST(pull.rows + pull.quarantined AS DECIMAL(38,9)) AS actual,
    concat(
        pull.vendor, '/', pull.stream, ' was landed for ', CAST(pull.usage_date AS VARCHAR), ' with ',
        CAST(pull.rows + pull.quarantined AS VARCHAR), ' rows, and the vendor said there are ',
        CAST(pull.vendor_total AS VARCHAR), ': pull that night again, or bring the missing rows as a file.'
    ) AS sentence
FROM ops.current_pull AS pull
INNER JOIN ops.build_month AS build
    ON pull.usage_date >= build.month
    AND pull.usage_date <= build.last_day
WHERE pull.vendor_total IS NOT NULL
    AND pull.rows + pull.quarantined <> pull.vendor_total;
