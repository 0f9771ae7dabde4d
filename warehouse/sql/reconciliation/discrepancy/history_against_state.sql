-- Backups that ran well of an account that the vendor's list of usage does not have: activity that nothing bills,
-- valued as if the latest reading before still held. And where Redstor's subscriptions and usage do not match: an
-- active one without usage, or usage of one that is not active. On two days or more: things end within a day.
-- R-48: history against state
-- stops: no
-- direction: each row
-- tolerance: amount 0, percent 0, count 0
-- guards: staging.history_event
-- vendors: infrascale, redstor, revirt365
-- not_for: xopero and resellerclub, which tell nothing of what happened; no vendor tells that something was created, resized or cancelled
-- source: reconciliation.doubt_at_list
SELECT
    doubt.code,
    doubt.month,
    doubt.billing_entity_id,
    doubt.billed_customer_id,
    doubt.vendor,
    doubt.connection,
    doubt.account_id,
    doubt.customer_id,
    doubt.subject,
    CASE WHEN starts_with(doubt.subject, 'usage without') THEN 'over_bill' ELSE 'leak' END AS direction,
    max(doubt.currency) AS currency,
    sum(doubt.amount) AS amount,
    concat(
        doubt.vendor, ' account ', doubt.account_id, ' of ', doubt.customer_id, ' has ', doubt.subject, ', on ',
        CAST(max(doubt.days) AS VARCHAR), ' days since ', CAST(min(doubt.first_day) AS VARCHAR),
        CASE
            WHEN starts_with(doubt.subject, 'usage without')
                THEN ', and it is billed: ask the vendor whether it was cancelled.'
            ELSE ', and nothing bills it: ask the vendor for its usage.'
        END
    ) AS sentence
FROM reconciliation.doubt_at_list AS doubt
INNER JOIN ops.build_month AS build
    ON build.month = doubt.month
WHERE doubt.code = 'R-48'
GROUP BY
    doubt.code,
    doubt.month,
    doubt.billing_entity_id,
    doubt.billed_customer_id,
    doubt.vendor,
    doubt.connection,
    doubt.account_id,
    doubt.customer_id,
    doubt.subject
HAVING max(doubt.days) > 1;
