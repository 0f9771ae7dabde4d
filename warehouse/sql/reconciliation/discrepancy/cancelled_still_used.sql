-- Usage of accounts that are still mapped to a customer who left us thirty days before the month or more: the vendor
-- goes on charging us for it. What the month's usage costs us. An account whose mapping has ended too is an unmapped
-- account (R-09).
-- R-18: cancelled and still consuming
-- stops: no
-- direction: cost
-- tolerance: amount 0, percent 0, count 0
-- guards: billing.usage_record
-- vendors: all
-- source: billing.usage_record, billing.usage_cost, reference.customer
WITH
ended AS (
    SELECT customer_id, max(coalesce(valid_to, DATE '9999-12-31')) AS ended_on
    FROM reference.customer
    GROUP BY customer_id
)
SELECT
    'R-18' AS code,
    record.month,
    record.vendor,
    record.connection,
    record.customer_id,
    max(cost.currency) AS currency,
    CASE WHEN count(cost.cost) = count(*) THEN CAST(sum(cost.cost) AS DECIMAL(37,15)) END AS amount,
    concat(
        record.customer_id, ' left us on ', CAST(ended.ended_on AS VARCHAR), ' and still uses ',
        string_agg(DISTINCT record.sku, ' and ' ORDER BY record.sku), ' at ', record.vendor, ' in ',
        strftime(record.month, '%Y-%m'),
        ', for which the vendor charges us: have it removed there, or correct valid_to in customer.'
    ) AS sentence
FROM billing.usage_record AS record
INNER JOIN ops.build_month AS build
    ON build.month = record.month
INNER JOIN ended
    ON ended.customer_id = record.customer_id
    AND ended.ended_on <= record.month - 30
LEFT JOIN billing.usage_cost AS cost
    ON cost.month = record.month
    AND cost.usage_record_id = record.usage_record_id
WHERE record.billable
    AND record.quantity > 0
GROUP BY record.month, record.vendor, record.connection, record.customer_id, ended.ended_on;
