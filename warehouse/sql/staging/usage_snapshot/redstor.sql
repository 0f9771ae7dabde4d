-- Redstor: what every subscription of every company consumed by the end of the day.
-- source: raw.redstor_consumption
WITH
reading AS (
    SELECT
        consumed.vendor,
        consumed.connection,
        lower(consumed.company_id) AS account_id,
        lower(consumed.subscription_id) AS resource_id,
        consumed.product_name AS resource_name,
        'subscription' AS resource_type,
        coalesce(nullif(consumed.sku, ''), concat('product-', CAST(consumed.product_id AS VARCHAR))) AS product,
        metered.meter,
        consumed.usage_date,
        CAST(CASE metered.meter
            WHEN 'protected_bytes' THEN consumed.protected_bytes
            WHEN 'external_bytes' THEN consumed.external_bytes
            WHEN 'overage_bytes' THEN consumed.overage_bytes
            WHEN 'active_seats' THEN consumed.active_seats
            WHEN 'inactive_seats' THEN consumed.inactive_seats
            WHEN 'shared_seats' THEN consumed.shared_seats
            WHEN 'active_workloads' THEN consumed.active_workloads
            WHEN 'licensed_users' THEN consumed.licensed_users
        END AS DECIMAL(28,9)) AS quantity,
        metered.unit,
        consumed.is_trial,
        'reported' AS quality,
        consumed.pull_id,
        consumed.row_no
    FROM raw.redstor_consumption AS consumed
    CROSS JOIN (
        VALUES
            ('protected_bytes', 'bytes'),
            ('external_bytes', 'bytes'),
            ('overage_bytes', 'bytes'),
            ('active_seats', 'seats'),
            ('inactive_seats', 'seats'),
            ('shared_seats', 'seats'),
            ('active_workloads', 'workloads'),
            ('licensed_users', 'users')
    ) AS metered (meter, unit)
)
SELECT * FROM reading WHERE quantity IS NOT NULL;
