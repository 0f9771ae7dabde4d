-- Infrascale: the ticketing system's number of an entity, and the domains of its accounts' addresses.
-- source: raw.infrascale_entities, raw.infrascale_accounts
SELECT
    vendor,
    connection,
    CAST(entity_id AS VARCHAR) AS account_id,
    'reference' AS kind,
    lower(trim(connectwise_company_id)) AS value,
    usage_date,
    pull_id
FROM raw.infrascale_entities
WHERE trim(connectwise_company_id) <> ''
UNION ALL
SELECT DISTINCT
    vendor,
    connection,
    CAST(entity_id AS VARCHAR) AS account_id,
    'domain' AS kind,
    lower(trim(split_part(email, '@', 2))) AS value,
    usage_date,
    pull_id
FROM raw.infrascale_accounts
WHERE trim(split_part(email, '@', 2)) <> '';
