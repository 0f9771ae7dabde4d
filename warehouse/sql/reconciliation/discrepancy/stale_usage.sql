-- Stored bytes that have not changed by one in a fortnight, up to the month's last day so far, while backups
-- uploaded a tenth of them or more: the vendor may have stopped counting. The fortnight's usage, at list price.
-- R-04: stale usage
-- stops: no
-- direction: leak
-- tolerance: amount 0, percent 0, count 0
-- guards: staging.usage_snapshot
-- vendors: infrascale, revirt365
-- not_for: redstor, whose backups tell no bytes; xopero and resellerclub, which tell nothing of backups; infrascale's cloud applications and appliances, whose events name no resource
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
    'bytes' AS unit,
    max(doubt.highest) AS actual,
    max(doubt.currency) AS currency,
    sum(doubt.amount) AS amount,
    concat(
        doubt.vendor, ' told ', billing.plain(max(doubt.highest)), ' bytes of ', doubt.subject, ' of ',
        doubt.customer_id, ' (account ', doubt.account_id, ') on each of the 14 days before ',
        CAST(build.metered_until + 1 AS VARCHAR),
        ', while its backups uploaded a tenth of that or more: ask the vendor whether it still counts.'
    ) AS sentence
FROM reconciliation.doubt_at_list AS doubt
INNER JOIN ops.build_month AS build
    ON build.month = doubt.month
WHERE doubt.code = 'R-04'
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
