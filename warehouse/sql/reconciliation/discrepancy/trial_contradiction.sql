-- What is on trial by one word of the vendor and paid for by another, and trials of more than sixty days. Usage on
-- trial is not billed, so a trial that is none is money not asked for. The usage of those days, at list price. A
-- trial that ended and has no line is usage that is not billed (R-14).
-- R-54: trial and paid at once
-- stops: no
-- direction: each row
-- tolerance: amount 0, percent 0, count 0
-- guards: staging.subscription
-- vendors: redstor, xopero, revirt365
-- not_for: infrascale, which tells no trials, and resellerclub, which has none; of xopero the two flags of one answer, for which the type of the subscription decides; of xopero and revirt365 only trials without end
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
    CASE WHEN starts_with(doubt.subject, 'trial by its subscription') THEN 'over_bill' ELSE 'leak' END AS direction,
    max(doubt.currency) AS currency,
    sum(doubt.amount) AS amount,
    concat(
        doubt.vendor, ' account ', doubt.account_id, ' of ', doubt.customer_id, ' has a ', doubt.subject, ', on ',
        CAST(max(doubt.days) AS VARCHAR), CASE max(doubt.days) WHEN 1 THEN ' day' ELSE ' days' END, ' since ',
        CAST(min(doubt.first_day) AS VARCHAR),
        CASE
            WHEN starts_with(doubt.subject, 'trial by its subscription')
                THEN ', and it is billed: ask the vendor, and credit it if it is a trial.'
            ELSE ', and it is not billed: ask the vendor, and have the trial ended if it is none.'
        END
    ) AS sentence
FROM reconciliation.doubt_at_list AS doubt
INNER JOIN ops.build_month AS build
    ON build.month = doubt.month
WHERE doubt.code = 'R-54'
    AND doubt.sku <> ''
GROUP BY
    doubt.code,
    doubt.month,
    doubt.billing_entity_id,
    doubt.billed_customer_id,
    doubt.vendor,
    doubt.connection,
    doubt.account_id,
    doubt.customer_id,
    doubt.subject;
