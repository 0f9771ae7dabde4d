-- Stored bytes that have not changed by one in a fortnight, up to the month's last day so far, while backups
-- uploaded a tenth of them or more: the vendor may have stopped counting. The fortnight's usage, at list price.
-- R-04: stale usage
-- stops: no
-- direction: leak
-- tolerance: amount 0, percent 0, count 0
-- guards: staging.usage_snapshot
-- vendors: infrascale, revirt365
-- not_for: redstor, whose backups tell no bytes; xopero and resellerclub, which tell nothing of backups; infrascale's cloud applications and appliances, whose events name no resource
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
    'bytes' AS unit,
    highest AS actual,
    currency,
    amount,
    concat(
        vendor, ' told ', billing.plain(highest), ' bytes of ', subject, ' of ', customer_id, ' (account ', account_id,
        ') on each of the 14 days before ', CAST(metered_until + 1 AS VARCHAR),
        ', while its backups uploaded a tenth of that or more: ask the vendor whether it still counts.'
    ) AS sentence
FROM reconciliation.doubt_by_subject
WHERE code = 'R-04';
