-- ReVirt365: the seats of every customer, and what else the contract file finds.
-- source: raw.revirt365_usage
WITH
reading AS (
    SELECT
        told.vendor,
        told.connection,
        told.account_id,
        coalesce(told.resource_id, told.account_id) AS resource_id,
        told.resource_name,
        'customer' AS resource_type,
        coalesce(told.product, 'backup365') AS product,
        metered.meter,
        told.usage_date,
        CAST(CASE metered.meter
            WHEN 'active_seats' THEN told.active_seats
            WHEN 'inactive_seats' THEN told.inactive_seats
            WHEN 'shared_seats' THEN told.shared_seats
            WHEN 'protected_bytes' THEN told.protected_bytes
        END AS DECIMAL(28,9)) AS quantity,
        metered.unit,
        told.is_trial,
        'reported' AS quality,
        told.pull_id,
        told.row_no
    FROM raw.revirt365_usage AS told
    CROSS JOIN (
        VALUES
            ('active_seats', 'seats'),
            ('inactive_seats', 'seats'),
            ('shared_seats', 'seats'),
            ('protected_bytes', 'bytes')
    ) AS metered (meter, unit)
)
SELECT * FROM reading WHERE quantity IS NOT NULL;
