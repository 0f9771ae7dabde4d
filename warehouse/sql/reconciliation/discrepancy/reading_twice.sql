-- The same usage in a file and elsewhere: both are billed. The money at risk is what the file's readings come to
-- at list price.
-- R-07: reading twice
-- stops: close
-- direction: over_bill
-- tolerance: amount 0, percent 0, count 0
-- guards: staging.usage_snapshot
-- vendors: all
-- source: reconciliation.doubt_at_list
SELECT
    doubt.code,
    doubt.month,
    doubt.billing_entity_id,
    doubt.vendor,
    doubt.connection,
    doubt.account_id,
    doubt.customer_id,
    doubt.meter AS subject,
    doubt.currency,
    sum(doubt.amount) AS amount,
    concat(
        doubt.vendor, ' account ', doubt.account_id, ' has ', doubt.meter, ' twice on ',
        CAST(max(doubt.days) AS VARCHAR), ' days since ', CAST(min(doubt.first_day) AS VARCHAR),
        ', in a file and elsewhere, and both are billed: give the mapping the name it had, or stands_in_for, and ',
        'import the file again.'
    ) AS sentence
FROM reconciliation.doubt_at_list AS doubt
INNER JOIN ops.build_month AS build
    ON build.month = doubt.month
WHERE doubt.code = 'R-07'
GROUP BY
    doubt.code,
    doubt.month,
    doubt.billing_entity_id,
    doubt.vendor,
    doubt.connection,
    doubt.account_id,
    doubt.customer_id,
    doubt.meter,
    doubt.currency;
