-- A figure that stands for "unlimited" or "unknown" in a vendor's program, or is below zero, and is billed as a
-- quantity. The money at risk is what that reading alone comes to at list price.
-- R-53: sentinel billed
-- stops: issue
-- direction: each row
-- tolerance: amount 0, percent 0, count 0
-- guards: staging.usage_snapshot
-- vendors: all
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
    doubt.sku,
    doubt.subject,
    CASE WHEN doubt.lowest < 0 THEN 'leak' ELSE 'over_bill' END AS direction,
    CASE WHEN doubt.lowest < 0 THEN doubt.lowest ELSE doubt.highest END AS actual,
    doubt.currency,
    doubt.amount,
    concat(
        doubt.vendor, ' account ', doubt.account_id, ' has ',
        billing.plain(CASE WHEN doubt.lowest < 0 THEN doubt.lowest ELSE doubt.highest END), ' as ', doubt.subject,
        ' on ', CAST(doubt.days AS VARCHAR), CASE doubt.days WHEN 1 THEN ' day' ELSE ' days' END, ' since ',
        CAST(doubt.first_day AS VARCHAR),
        ', which is no quantity but a sign for none, and is billed as ', doubt.sku,
        ': ask the vendor, and bring the right figure as a file.'
    ) AS sentence
FROM reconciliation.doubt_at_list AS doubt
INNER JOIN ops.build_month AS build
    ON build.month = doubt.month
WHERE doubt.code = 'R-53'
    AND doubt.sku <> '';
