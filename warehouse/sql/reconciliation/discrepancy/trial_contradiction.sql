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
-- source: reconciliation.doubt_by_subject
SELECT
    code,
    month,
    billing_entity_id,
    billed_customer_id,
    vendor,
    connection,
    account_id,
    customer_id,
    subject,
    CASE WHEN starts_with(subject, 'trial by its subscription') THEN 'over_bill' ELSE 'leak' END AS direction,
    currency,
    amount,
    concat(
        vendor, ' account ', account_id, ' of ', customer_id, ' has a ', subject, ', on ', CAST(days AS VARCHAR),
        CASE days WHEN 1 THEN ' day' ELSE ' days' END, ' since ', CAST(first_day AS VARCHAR),
        CASE
            WHEN starts_with(subject, 'trial by its subscription')
                THEN ', and it is billed: ask the vendor, and credit it if it is a trial.'
            ELSE ', and it is not billed: ask the vendor, and have the trial ended if it is none.'
        END
    ) AS sentence
FROM reconciliation.doubt_by_subject
WHERE code = 'R-54';
