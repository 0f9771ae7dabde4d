-- Redstor: the companies below the one of the credentials, and that one itself.
-- source: raw.redstor_companies
SELECT
    vendor,
    connection,
    lower(company_id) AS account_id,
    lower(parent_company_id) AS parent_account_id,
    company_name AS name,
    type AS account_type,
    CASE WHEN is_enabled THEN 'active' ELSE 'inactive' END AS status,
    is_enabled AS is_active,
    usage_date,
    pull_id
FROM raw.redstor_companies;
