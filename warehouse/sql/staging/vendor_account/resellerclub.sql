-- ResellerClub: the reseller's own customers. The shop's contact data stay in the raw rows.
-- source: raw.resellerclub_customers
SELECT
    vendor,
    connection,
    CAST(customer_id AS VARCHAR) AS account_id,
    CAST(reseller_id AS VARCHAR) AS parent_account_id,
    coalesce(company, name) AS name,
    'customer' AS account_type,
    lower(status) AS status,
    status = 'Active' AS is_active,
    usage_date,
    pull_id
FROM raw.resellerclub_customers;
