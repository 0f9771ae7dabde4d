-- A product that a vendor tells of for the first time, of which no meter is billed: new revenue, or nothing. One of
-- a meter that is billed is an unmapped product, and what has a price is simply billed.
-- R-20: new service
-- stops: no
-- direction: leak
-- tolerance: amount 0, percent 0, count 0
-- guards: billing.usage_record
-- vendors: all
-- source: reconciliation.doubtful_usage
SELECT
    doubt.code,
    doubt.month,
    doubt.vendor,
    doubt.connection,
    doubt.product AS subject,
    concat(
        doubt.vendor, ' tells ', string_agg(DISTINCT doubt.meter, ' and ' ORDER BY doubt.meter), ' of the product ',
        doubt.product, ' for ', CAST(count(DISTINCT doubt.account_id) AS VARCHAR),
        CASE count(DISTINCT doubt.account_id) WHEN 1 THEN ' account' ELSE ' accounts' END, ', first on ',
        CAST(min(doubt.first_day) AS VARCHAR),
        ', and it is not sold: add it to meter and sku_mapping, or let this pass.'
    ) AS sentence
FROM reconciliation.doubtful_usage AS doubt
INNER JOIN ops.build_month AS build
    ON build.month = doubt.month
WHERE doubt.code = 'R-20'
GROUP BY doubt.code, doubt.month, doubt.vendor, doubt.connection, doubt.product;
