-- Infrascale: backup accounts, licences, cloud applications and appliances. GetCompaniesSummary and
-- GetUsedSpaceForAllAccounts tell the same bytes again and are left to reconciliation.
-- source: raw.infrascale_accounts, _licenses, _cloud_usage, _appliances, _entities
-- units: UsedSpaceKB times 1024 and AccountSizeMB times 1048576 are bytes
WITH
backup_account AS (
    SELECT
        account.vendor,
        account.connection,
        CAST(account.entity_id AS VARCHAR) AS account_id,
        account.username AS resource_id,
        coalesce(nullif(account.full_name, 'Not set'), account.username) AS resource_name,
        'backup_account' AS resource_type,
        'backup' AS product,
        metered.meter,
        account.usage_date,
        CASE metered.meter
            WHEN 'used_bytes'
                THEN CAST(account.used_space_kb AS DECIMAL(19,0)) * CAST(1024 AS DECIMAL(7,0))
            WHEN 'quota_bytes'
                THEN CAST(account.account_size_mb AS DECIMAL(19,0)) * CAST(1048576 AS DECIMAL(7,0))
            WHEN 'windows_devices' THEN account.windows_devices_total
            WHEN 'mac_devices' THEN account.mac_devices_total
            WHEN 'android_devices' THEN account.android_devices_total
        END AS quantity,
        metered.unit,
        account.pull_id,
        account.row_no
    FROM raw.infrascale_accounts AS account
    CROSS JOIN (
        VALUES
            ('used_bytes', 'bytes'),
            ('quota_bytes', 'bytes'),
            ('windows_devices', 'devices'),
            ('mac_devices', 'devices'),
            ('android_devices', 'devices')
    ) AS metered (meter, unit)
),
-- The entity the credentials belong to: its parent is above what we are shown.
root AS (
    SELECT entity.connection, entity.usage_date, CAST(min(entity.entity_id) AS VARCHAR) AS account_id
    FROM raw.infrascale_entities AS entity
    LEFT JOIN raw.infrascale_entities AS above
        ON above.connection = entity.connection
        AND above.usage_date = entity.usage_date
        AND above.entity_id = entity.parent_entity_id
    WHERE above.entity_id IS NULL
    GROUP BY entity.connection, entity.usage_date
),
accounts_of_the_day AS (
    SELECT DISTINCT connection, usage_date FROM raw.infrascale_accounts
),
license AS (
    SELECT
        held.vendor,
        held.connection,
        -- A name that no account bears is the root's own. Without the day's accounts nobody can be named:
        -- 0 is what the vendor calls the entity of the credentials.
        coalesce(
            CAST(owner.entity_id AS VARCHAR),
            CASE WHEN complete.usage_date IS NOT NULL THEN root.account_id END,
            '0'
        ) AS account_id,
        held.username AS resource_id,
        held.username AS resource_name,
        'license' AS resource_type,
        held.license_type AS product,
        'licenses' AS meter,
        held.usage_date,
        CAST(count(*) AS DECIMAL(28,9)) AS quantity,
        'licenses' AS unit,
        held.pull_id,
        min(held.row_no) AS row_no
    FROM raw.infrascale_licenses AS held
    LEFT JOIN raw.infrascale_accounts AS owner
        ON owner.connection = held.connection
        AND owner.usage_date = held.usage_date
        AND owner.username = held.username
    LEFT JOIN root
        ON root.connection = held.connection
        AND root.usage_date = held.usage_date
    LEFT JOIN accounts_of_the_day AS complete
        ON complete.connection = held.connection
        AND complete.usage_date = held.usage_date
    GROUP BY
        held.vendor,
        held.connection,
        owner.entity_id,
        complete.usage_date,
        root.account_id,
        held.username,
        held.license_type,
        held.usage_date,
        held.pull_id
),
-- The vendor swaps Source and Service between rows: the label for people is the one with a parenthesis.
labelled AS (
    SELECT
        *,
        CASE WHEN service LIKE '%(%' AND source NOT LIKE '%(%' THEN service ELSE source END AS label,
        CASE WHEN service LIKE '%(%' AND source NOT LIKE '%(%' THEN source ELSE service END AS code
    FROM raw.infrascale_cloud_usage
),
cloud_service AS (
    SELECT
        line.vendor,
        line.connection,
        CAST(line.company_id AS VARCHAR) AS account_id,
        line.icab_account_name AS resource_id,
        line.label AS resource_name,
        'cloud_service' AS resource_type,
        upper(line.code) AS product,
        metered.meter,
        line.usage_date,
        CASE metered.meter WHEN 'cloud_accounts' THEN line.accounts ELSE line.storage_bytes END AS quantity,
        metered.unit,
        line.pull_id,
        line.row_no
    FROM labelled AS line
    CROSS JOIN (
        VALUES ('cloud_accounts', 'seats'), ('cloud_bytes', 'bytes')
    ) AS metered (meter, unit)
),
-- The secondary of an appliance is a copy of the same data.
appliance AS (
    SELECT
        vendor,
        connection,
        CAST(entity_id AS VARCHAR) AS account_id,
        uuid AS resource_id,
        name AS resource_name,
        'appliance' AS resource_type,
        'appliance' AS product,
        'used_bytes' AS meter,
        usage_date,
        device_space_used AS quantity,
        'bytes' AS unit,
        pull_id,
        row_no
    FROM raw.infrascale_appliances
),
reading AS (
    SELECT * FROM backup_account
    UNION ALL
    SELECT * FROM license
    UNION ALL
    SELECT * FROM cloud_service
    UNION ALL
    SELECT * FROM appliance
)
SELECT
    * EXCLUDE (quantity),
    CAST(quantity AS DECIMAL(28,9)) AS quantity,
    false AS is_trial,
    'reported' AS quality
FROM reading
WHERE quantity IS NOT NULL;
