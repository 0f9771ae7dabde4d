-- ResellerClub: the address that a customer signs in with, and the domains that its orders are for.
-- source: raw.resellerclub_customers, raw.resellerclub_orders
SELECT
    vendor,
    connection,
    CAST(customer_id AS VARCHAR) AS account_id,
    'email' AS kind,
    md5(lower(trim(username))) AS value,
    usage_date,
    pull_id
FROM raw.resellerclub_customers
WHERE split_part(username, '@', 2) <> ''
UNION ALL
SELECT vendor, connection, account_id, 'domain' AS kind, value, usage_date, pull_id
FROM (
    SELECT
        vendor,
        connection,
        CAST(customer_id AS VARCHAR) AS account_id,
        lower(trim(split_part(username, '@', 2))) AS value,
        usage_date,
        pull_id
    FROM raw.resellerclub_customers
    UNION
    SELECT
        orders.vendor,
        orders.connection,
        CAST(orders.customer_id AS VARCHAR) AS account_id,
        lower(trim(orders.domain_name)) AS value,
        customers.usage_date,
        customers.pull_id
    FROM raw.resellerclub_orders AS orders
    INNER JOIN raw.resellerclub_customers AS customers
        ON customers.vendor = orders.vendor
        AND customers.connection = orders.connection
        AND customers.customer_id = orders.customer_id
        AND customers.usage_date = orders.usage_date
) AS told
WHERE value <> '';
