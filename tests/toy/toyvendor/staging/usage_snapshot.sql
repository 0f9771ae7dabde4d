-- Toy Backup: what each customer used on a day.
-- source: raw.toy_usage
SELECT
    vendor,
    connection,
    customer_id AS account_id,
    customer_id AS resource_id,
    CAST(NULL AS VARCHAR) AS resource_name,
    'customer' AS resource_type,
    'backup' AS product,
    'used_bytes' AS meter,
    usage_date,
    CAST(used_bytes AS DECIMAL(28,9)) AS quantity,
    'bytes' AS unit,
    CAST(NULL AS BOOLEAN) AS is_trial,
    'reported' AS quality,
    pull_id,
    row_no
FROM raw.toy_usage;
