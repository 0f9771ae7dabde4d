-- Redstor: how the backups of each product of each company stood at the end of the day.
-- source: raw.redstor_backup_status
SELECT
    vendor,
    connection,
    lower(company_id) AS account_id,
    concat('product-', CAST(product_id AS VARCHAR)) AS resource_id,
    'backup_status' AS event_type,
    CASE
        WHEN failed > 0 THEN 'failed'
        WHEN errors > 0 OR warnings > 0 THEN 'warning'
        WHEN success > 0 THEN 'success'
        ELSE 'none'
    END AS status,
    CAST(usage_date + INTERVAL 1 DAY AS TIMESTAMP) AS occurred_at,
    'utc' AS occurred_at_zone,
    CAST(
        json_object(
            'success', success, 'warnings', warnings, 'errors', errors, 'failed', failed, 'missed', missed
        ) AS VARCHAR
    ) AS detail,
    usage_date,
    pull_id,
    row_no
FROM raw.redstor_backup_status;
