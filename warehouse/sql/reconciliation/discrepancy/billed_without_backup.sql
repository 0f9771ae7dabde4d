-- What is billed although no backup of it has run well for a fortnight, up to the month's last day so far: the
-- customer pays for a protection that it does not have. The month's usage of it, at list price. Seats that are
-- licensed and not used are no finding: vendors tell them as a meter of its own, which is sold or not.
-- R-19: billed without a successful backup
-- stops: no
-- direction: over_bill
-- tolerance: amount 0, percent 0, count 0
-- guards: staging.history_event
-- vendors: infrascale, redstor, revirt365
-- not_for: xopero and resellerclub, which tell nothing of backups; infrascale's licences, cloud applications and appliances, whose events name no resource
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
    max(doubt.currency) AS currency,
    sum(doubt.amount) AS amount,
    concat(
        'No backup of ', doubt.subject, ' of ', doubt.customer_id, ' (', doubt.vendor, ' account ', doubt.account_id,
        ') ran well in the fortnight before ', CAST(build.metered_until + 1 AS VARCHAR), ', and it is billed as ',
        string_agg(DISTINCT doubt.sku, ' and ' ORDER BY doubt.sku),
        ': mend its backups, or have it removed at the vendor.'
    ) AS sentence
FROM reconciliation.doubt_at_list AS doubt
INNER JOIN ops.build_month AS build
    ON build.month = doubt.month
WHERE doubt.code = 'R-19'
    AND doubt.sku <> ''
GROUP BY
    doubt.code,
    doubt.month,
    build.metered_until,
    doubt.billing_entity_id,
    doubt.billed_customer_id,
    doubt.vendor,
    doubt.connection,
    doubt.account_id,
    doubt.customer_id,
    doubt.subject;
