-- The same device or mailbox, by its name, that two vendors protect for one customer, and that is billed for both.
-- The cheaper one of the two, at list price. Names are compared in lower case, and only those without blanks: two
-- people can share a full name.
-- R-47: device at two vendors
-- stops: no
-- direction: over_bill
-- tolerance: amount 0, percent 0, count 0
-- guards: billing.usage_record
-- vendors: infrascale, xopero, and what files bring
-- not_for: redstor, resellerclub and revirt365, whose usage names subscriptions, orders and customers, and no device
-- source: reconciliation.doubt_at_list
WITH
at_vendor AS (
    SELECT
        doubt.code,
        doubt.month,
        doubt.billing_entity_id,
        doubt.billed_customer_id,
        doubt.customer_id,
        doubt.subject,
        doubt.vendor,
        string_agg(DISTINCT doubt.account_id, ' and ' ORDER BY doubt.account_id) AS accounts,
        max(doubt.currency) AS currency,
        sum(doubt.amount) AS amount
    FROM reconciliation.doubt_at_list AS doubt
    INNER JOIN ops.build_month AS build
        ON build.month = doubt.month
    WHERE doubt.code = 'R-47'
        AND doubt.sku <> ''
    GROUP BY ALL
)
SELECT
    code,
    month,
    billing_entity_id,
    billed_customer_id,
    customer_id,
    subject,
    max(currency) AS currency,
    min(amount) AS amount,
    concat(
        subject, ' of ', customer_id, ' is protected and billed at ',
        string_agg(concat(vendor, ' (account ', accounts, ')'), ' and ' ORDER BY vendor),
        ': ask the customer which one it wants to keep.'
    ) AS sentence
FROM at_vendor
GROUP BY code, month, billing_entity_id, billed_customer_id, customer_id, subject
HAVING count(*) > 1;
