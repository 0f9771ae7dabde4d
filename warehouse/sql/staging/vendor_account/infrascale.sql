-- Infrascale: the entity hierarchy, inactive entities included.
-- source: raw.infrascale_entities
SELECT
    vendor,
    connection,
    CAST(entity_id AS VARCHAR) AS account_id,
    CAST(parent_entity_id AS VARCHAR) AS parent_account_id,
    entity_name AS name,
    entity_type AS account_type,
    CASE WHEN is_active THEN 'active' ELSE 'inactive' END AS status,
    is_active,
    usage_date,
    pull_id
FROM raw.infrascale_entities;
