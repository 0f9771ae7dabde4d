-- Usage that customers have of a product which no row of sku_mapping sells, though the meter is one that is
-- billed, or the mapping of the product has ended. The money at risk is what it comes to as the cheapest SKU
-- that the same meter is sold as, at list price.
-- R-10: product unmapped
-- stops: close
-- direction: leak
-- tolerance: amount 0, percent 0, count 0
-- guards: billing.usage_record
-- vendors: all
-- not_for: a meter that is sold for every product by `*`
-- source: reconciliation.doubt_at_list
WITH
told AS (
    SELECT
        doubt.code,
        doubt.month,
        doubt.vendor,
        doubt.connection,
        doubt.product,
        doubt.meter,
        doubt.sku,
        min(doubt.first_day) AS first_day,
        count(DISTINCT doubt.account_id) AS accounts,
        max(doubt.currency) AS currency,
        sum(doubt.amount) AS amount
    FROM reconciliation.doubt_at_list AS doubt
    INNER JOIN ops.build_month AS build
        ON build.month = doubt.month
    WHERE doubt.code = 'R-10'
    GROUP BY doubt.code, doubt.month, doubt.vendor, doubt.connection, doubt.product, doubt.meter, doubt.sku
),
cheapest AS (
    SELECT
        code,
        month,
        vendor,
        connection,
        product,
        meter,
        min(first_day) AS first_day,
        max(accounts) AS accounts,
        max(currency) AS currency,
        min(amount) AS amount
    FROM told
    GROUP BY code, month, vendor, connection, product, meter
)
SELECT
    code,
    month,
    vendor,
    connection,
    product AS subject,
    max(currency) AS currency,
    sum(amount) AS amount,
    concat(
        vendor, ' tells ', string_agg(meter, ' and ' ORDER BY meter), ' of the product ', product, ' for ',
        CAST(max(accounts) AS VARCHAR), CASE max(accounts) WHEN 1 THEN ' account' ELSE ' accounts' END, ' since ',
        CAST(min(first_day) AS VARCHAR), ', and nothing says as what it is sold: add it to sku_mapping.'
    ) AS sentence
FROM cheapest
GROUP BY code, month, vendor, connection, product;
