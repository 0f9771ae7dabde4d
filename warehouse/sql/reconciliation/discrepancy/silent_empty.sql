-- A pull that succeeded and tells nothing: no row at all where the day before had some, or at least five accounts and
-- a fifth of those with usage fall to none from one day to the next. The money at risk is what those accounts
-- had on the day before, at list price.
-- R-51: silent empty
-- stops: close
-- direction: leak
-- tolerance: amount 0, percent 0, count 0
-- guards: staging.usage_snapshot
-- vendors: all
-- source: reconciliation.doubt_at_list
SELECT
    doubt.code,
    doubt.month,
    doubt.vendor,
    doubt.connection,
    doubt.subject,
    'accounts' AS unit,
    CAST(0 AS DECIMAL(38,9)) AS expected,
    CAST(count(DISTINCT doubt.account_id) AS DECIMAL(38,9)) AS actual,
    max(doubt.currency) AS currency,
    sum(doubt.amount) AS amount,
    concat(
        doubt.vendor, '/', split_part(doubt.subject, ' ', 1), ' succeeded for ', CAST(min(doubt.first_day) AS VARCHAR),
        ' and has nothing for ', CAST(count(DISTINCT doubt.account_id) AS VARCHAR), ' accounts with usage on the day before',
        ' (connection ', doubt.connection, '): look at the vendor''s answer, and pull that night again or bring a file.'
    ) AS sentence
FROM reconciliation.doubt_at_list AS doubt
INNER JOIN ops.build_month AS build
    ON build.month = doubt.month
WHERE doubt.code = 'R-51'
GROUP BY doubt.code, doubt.month, doubt.vendor, doubt.connection, doubt.subject;
