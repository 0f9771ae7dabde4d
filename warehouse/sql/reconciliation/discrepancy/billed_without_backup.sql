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
    currency,
    amount,
    concat(
        'No backup of ', subject, ' of ', customer_id, ' (', vendor, ' account ', account_id,
        ') ran well in the fortnight before ', CAST(metered_until + 1 AS VARCHAR), ', and it is billed as ', skus,
        ': mend its backups, or have it removed at the vendor.'
    ) AS sentence
FROM reconciliation.doubt_by_subject
WHERE code = 'R-19';
