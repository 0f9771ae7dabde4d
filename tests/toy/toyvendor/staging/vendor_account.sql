-- Toy Backup: its customers.
-- source: raw.toy_customers
SELECT
    vendor,
    connection,
    customer_id AS account_id,
    CAST(NULL AS VARCHAR) AS parent_account_id,
    name,
    'customer' AS account_type,
    CASE WHEN is_active THEN 'active' ELSE 'inactive' END AS status,
    is_active,
    usage_date,
    pull_id
FROM raw.toy_customers;
