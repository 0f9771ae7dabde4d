-- Xopero: the login's own customers and those of its partners, and the partners. Deleted ones are told too.
-- source: raw.xopero_customers, raw.xopero_partners
SELECT
    vendor,
    connection,
    CAST(customer_id AS VARCHAR) AS account_id,
    CAST(reseller_id AS VARCHAR) AS parent_account_id,
    login AS name,
    'customer' AS account_type,
    CASE WHEN status = 'DELETED' THEN 'deleted' ELSE 'active' END AS status,
    status <> 'DELETED' AS is_active,
    usage_date,
    pull_id
FROM raw.xopero_customers
UNION ALL
SELECT
    vendor,
    connection,
    CAST(partner_id AS VARCHAR) AS account_id,
    CAST(reseller_id AS VARCHAR) AS parent_account_id,
    coalesce(login, username) AS name,
    'partner' AS account_type,
    CASE WHEN status = 'DELETED' THEN 'deleted' ELSE 'active' END AS status,
    coalesce(status, '') <> 'DELETED' AS is_active,
    usage_date,
    pull_id
FROM raw.xopero_partners;
