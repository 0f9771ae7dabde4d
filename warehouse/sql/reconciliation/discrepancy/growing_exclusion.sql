-- An account that is excluded from billing, within its term, whose usage at list price is more than twice what it
-- was in the first month that it is known in, and by more than 25: own use and demonstrations stay what they
-- are. One whose exclusion has run out is an unmapped account.
-- R-13: excluded but growing
-- stops: no
-- direction: leak
-- tolerance: amount 25, percent 100, count 0
-- guards: billing.usage_record
-- vendors: all
-- source: reconciliation.usage_at_list
WITH
valued AS (
    SELECT
        listed.month,
        listed.vendor,
        listed.connection,
        listed.customer_id,
        listed.subject,
        listed.currency,
        coalesce(sum(CASE WHEN listed.reason = 'excluded at first' THEN listed.amount END), 0) AS first_amount,
        coalesce(sum(CASE WHEN listed.reason = 'excluded' THEN listed.amount END), 0) AS amount,
        count(CASE WHEN listed.reason = 'excluded at first' THEN 1 END) AS first_rows
    FROM reconciliation.usage_at_list AS listed
    INNER JOIN ops.build_month AS build
        ON build.month = listed.month
    WHERE listed.reason IN ('excluded', 'excluded at first')
    GROUP BY listed.month, listed.vendor, listed.connection, listed.customer_id, listed.subject, listed.currency
)
SELECT
    'R-13' AS code,
    valued.month,
    valued.vendor,
    valued.connection,
    nullif(valued.customer_id, '') AS customer_id,
    valued.subject,
    valued.currency AS unit,
    CAST(valued.first_amount AS DECIMAL(38,9)) AS expected,
    CAST(valued.amount AS DECIMAL(38,9)) AS actual,
    valued.currency,
    CAST(valued.amount - valued.first_amount AS DECIMAL(37,15)) AS amount,
    concat(
        'Usage at ', valued.vendor, ' (connection ', valued.connection, ') that is ', valued.subject, ', comes to ',
        billing.plain(billing.cents(valued.amount, currency.minor_unit)), ' ', valued.currency,
        ' at list price, against ', billing.plain(billing.cents(valued.first_amount, currency.minor_unit)),
        ' in its first month: see whether the reason still holds, or map it to a customer.'
    ) AS sentence
FROM valued
INNER JOIN reference.currency AS currency
    ON currency.currency = valued.currency
WHERE valued.first_rows > 0
    AND valued.amount > valued.first_amount;
