-- Infrascale: used and allocated space of each company's own accounts, and the used space of each account
-- from a second operation, which names the user but not the company. Left out is what must not agree: the
-- licences of a company count those of cancelled accounts, which the list of licences gives to nobody; mobile
-- and desktop devices are not said to be the kinds that accounts are told by.
-- source: raw.infrascale_companies, raw.infrascale_used_space
-- units: UsedSpaceKB times 1024 and AllocatedSpaceMB times 1048576 are bytes
WITH
company AS (
    SELECT
        told.vendor,
        told.connection,
        'account' AS scope,
        CAST(told.company_entity_id AS VARCHAR) AS account_id,
        CAST(NULL AS VARCHAR) AS resource_id,
        metered.meter,
        told.usage_date,
        CASE metered.meter
            WHEN 'used_bytes'
                THEN CAST(told.used_space_kb AS DECIMAL(19,0)) * CAST(1024 AS DECIMAL(7,0))
            ELSE CAST(told.allocated_space_mb AS DECIMAL(19,0)) * CAST(1048576 AS DECIMAL(7,0))
        END AS quantity,
        'companies' AS stream,
        told.pull_id,
        told.row_no
    FROM raw.infrascale_companies AS told
    CROSS JOIN (VALUES ('used_bytes'), ('quota_bytes')) AS metered (meter)
),
-- A row for each system of an account, should the vendor tell them apart.
account AS (
    SELECT
        vendor,
        connection,
        'resource' AS scope,
        CAST(NULL AS VARCHAR) AS account_id,
        username AS resource_id,
        'used_bytes' AS meter,
        usage_date,
        CAST(sum(used_space_kb) AS DECIMAL(19,0)) * CAST(1024 AS DECIMAL(7,0)) AS quantity,
        'used_space' AS stream,
        pull_id,
        min(row_no) AS row_no
    FROM raw.infrascale_used_space
    GROUP BY vendor, connection, username, usage_date, pull_id
),
told AS (
    SELECT * FROM company
    UNION ALL
    SELECT * FROM account
)
SELECT
    * EXCLUDE (quantity),
    CAST(quantity AS DECIMAL(28,9)) AS quantity,
    'backup_account' AS resource_type,
    'bytes' AS unit
FROM told
WHERE quantity IS NOT NULL;
