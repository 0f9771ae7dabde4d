-- Figures of another day: a stream that tells only the present was read before the day was over that its answer is
-- filed for, or long after it. The money at risk is what those readings come to at list price.
-- R-50: another day's figures
-- stops: close
-- direction: control
-- tolerance: amount 0, percent 0, count 0
-- guards: staging.usage_snapshot
-- vendors: infrascale, xopero, resellerclub
-- not_for: redstor, whose consumption is asked for by its day; revirt365, whose contract file says what its answers speak of
-- source: reconciliation.doubt_at_list
SELECT
    doubt.code,
    doubt.month,
    doubt.vendor,
    doubt.connection,
    doubt.subject,
    max(doubt.currency) AS currency,
    sum(doubt.amount) AS amount,
    concat(
        doubt.vendor, '/', doubt.subject, ' tells only the present, and was not read in the twelve hours after ',
        CASE max(doubt.days) WHEN 1 THEN 'the day' ELSE 'the days' END, ' that its figures are filed for, from ',
        CAST(min(doubt.first_day) AS VARCHAR), ' on (connection ', doubt.connection,
        '): take that pull out, and leave the day to its gap policy or bring a file.'
    ) AS sentence
FROM reconciliation.doubt_at_list AS doubt
INNER JOIN ops.build_month AS build
    ON build.month = doubt.month
WHERE doubt.code = 'R-50'
GROUP BY doubt.code, doubt.month, doubt.vendor, doubt.connection, doubt.subject;
