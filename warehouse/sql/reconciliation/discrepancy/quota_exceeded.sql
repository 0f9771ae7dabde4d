-- Usage beyond what was bought that nothing bills: bytes beyond a quota, where the quota is what is sold; and
-- overage of a product whose overage is not sold. At list price. Bytes beyond a quota are billed where the bytes
-- are sold, and what was bought and is not used is the customer's to keep: neither is a finding.
-- R-23: quota exceeded
-- R-55: overage not billed
-- stops: no
-- direction: leak
-- tolerance: amount 0, percent 0, count 0
-- guards: billing.usage_record
-- vendors: infrascale, redstor, xopero
-- not_for: resellerclub, which tells what is ordered and not what is used; revirt365, which tells no quota and no overage
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
    concat_ws(' ', doubt.product, doubt.subject) AS subject,
    'bytes' AS unit,
    0 AS expected,
    max(doubt.highest) AS actual,
    max(doubt.currency) AS currency,
    sum(doubt.amount) AS amount,
    concat(
        doubt.vendor, ' account ', doubt.account_id, ' of ', doubt.customer_id, ' used up to ',
        billing.plain(max(doubt.highest)), ' bytes more than ',
        CASE doubt.code WHEN 'R-23' THEN 'the quota' ELSE 'fair use' END, ' of ',
        concat_ws(' ', doubt.product, doubt.subject), ' on ', CAST(max(doubt.days) AS VARCHAR),
        CASE max(doubt.days) WHEN 1 THEN ' day' ELSE ' days' END, ' since ', CAST(min(doubt.first_day) AS VARCHAR),
        ', which nothing bills: sell a larger quota, or add ',
        CASE doubt.code WHEN 'R-23' THEN 'the used bytes' ELSE doubt.meter END, ' of this product to sku_mapping.'
    ) AS sentence
FROM reconciliation.doubt_at_list AS doubt
INNER JOIN ops.build_month AS build
    ON build.month = doubt.month
WHERE doubt.code IN ('R-23', 'R-55')
GROUP BY
    doubt.code,
    doubt.month,
    doubt.billing_entity_id,
    doubt.billed_customer_id,
    doubt.vendor,
    doubt.connection,
    doubt.account_id,
    doubt.customer_id,
    doubt.product,
    doubt.subject,
    doubt.meter;
