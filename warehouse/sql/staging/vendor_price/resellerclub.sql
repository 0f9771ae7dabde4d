-- ResellerClub: prices of the backup plans, what it charges us, also to renew, and what its shop charges customers.
-- Addons are no plans and stay in the raw rows.
-- source: raw.resellerclub_cost_prices, raw.resellerclub_customer_prices
WITH
told AS (
    SELECT vendor, connection, product_key, plan_id, action, months, currency, price, usage_date, pull_id,
        'cost' AS price_kind
    FROM raw.resellerclub_cost_prices
    UNION ALL
    SELECT vendor, connection, product_key, plan_id, action, months, currency, price, usage_date, pull_id,
        'customer' AS price_kind
    FROM raw.resellerclub_customer_prices
)
SELECT
    vendor,
    connection,
    product_key AS product,
    CAST(plan_id AS VARCHAR) AS plan,
    CASE action WHEN 'renew' THEN 'renewal' ELSE price_kind END AS price_kind,
    CAST(months AS INTEGER) AS term_months,
    currency,
    CAST(price AS DECIMAL(17,9)) AS price,
    usage_date,
    pull_id
FROM told
WHERE action = 'add'
    OR (action = 'renew' AND price_kind = 'cost');
