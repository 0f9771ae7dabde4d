-- Xopero: what a customer can change to, at the price told. The vendor tells the price to each customer and
-- names no currency, tax or period, so only a price that every customer is told is a list price. Its decimal
-- separator is not published: a comma before three digits could part thousands, and makes no price.
-- source: raw.xopero_available_products
WITH
told AS (
    SELECT
        vendor,
        connection,
        product_name AS product,
        variant_name AS plan,
        usage_date,
        pull_id,
        CASE
            WHEN regexp_matches(price, '^[0-9]{1,8}([.][0-9]{1,9})?$') THEN CAST(price AS DECIMAL(17,9))
            WHEN regexp_matches(price, '^[0-9]{1,8},[0-9]{1,2}$') THEN CAST(replace(price, ',', '.') AS DECIMAL(17,9))
        END AS price
    FROM raw.xopero_available_products
)
SELECT
    vendor,
    connection,
    product,
    plan,
    'list' AS price_kind,
    CAST(NULL AS INTEGER) AS term_months,
    CAST(NULL AS VARCHAR) AS currency,
    min(price) AS price,
    usage_date,
    pull_id
FROM told
GROUP BY vendor, connection, product, plan, usage_date, pull_id
HAVING min(price) = max(price)
    AND count(price) = count(*);
