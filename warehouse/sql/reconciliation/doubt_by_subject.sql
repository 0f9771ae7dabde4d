-- What a check doubts of an account, all its SKUs together, with what they come to at list price. Meters that are
-- not sold at all are left out.
-- grain: one subject of one account that one check doubts in one month
-- key: month, code, vendor, connection, account_id, customer_id, subject
-- asset: no, a step on the way to reconciliation.discrepancy
-- source: reconciliation.doubt_at_list
CREATE OR REPLACE VIEW reconciliation.doubt_by_subject AS
SELECT
    doubt.code,
    doubt.month,
    build.metered_until,
    doubt.billing_entity_id,
    doubt.billed_customer_id,
    doubt.vendor,
    doubt.connection,
    doubt.account_id,
    doubt.customer_id,
    doubt.subject,
    string_agg(DISTINCT doubt.sku, ' and ' ORDER BY doubt.sku) AS skus,
    min(doubt.first_day) AS first_day,
    max(doubt.days) AS days,
    max(doubt.highest) AS highest,
    max(doubt.currency) AS currency,
    sum(doubt.amount) AS amount
FROM reconciliation.doubt_at_list AS doubt
INNER JOIN ops.build_month AS build
    ON build.month = doubt.month
WHERE doubt.sku <> ''
GROUP BY
    doubt.code, doubt.month, build.metered_until, doubt.billing_entity_id, doubt.billed_customer_id, doubt.vendor,
    doubt.connection, doubt.account_id, doubt.customer_id, doubt.subject;
