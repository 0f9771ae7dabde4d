-- ReVirt365: the customers of the reseller or distributor whose app key it is.
-- source: raw.revirt365_customers
SELECT
    vendor,
    connection,
    account_id,
    parent_account_id,
    name,
    'customer' AS account_type,
    coalesce(status, CASE WHEN is_active THEN 'active' WHEN NOT is_active THEN 'inactive' END) AS status,
    is_active,
    usage_date,
    pull_id
FROM raw.revirt365_customers;
