-- Redstor: the consumption summary of the company of the credentials: its own consumption, and that of all
-- companies below it. The latter is the sum over every company of the flat list, trials included, never of
-- direct customers and flat list together: a direct customer's figures hold those of its own customers.
-- source: raw.redstor_consumption_summary
WITH
told AS (
    SELECT
        summary.vendor,
        summary.connection,
        CASE summary.scope WHEN 'company' THEN 'account' ELSE 'below' END AS scope,
        lower(summary.company_id) AS account_id,
        'subscription' AS resource_type,
        metered.meter,
        summary.usage_date,
        CAST(CASE metered.meter
            WHEN 'protected_bytes' THEN summary.protected_bytes
            WHEN 'external_bytes' THEN summary.external_bytes
            WHEN 'overage_bytes' THEN summary.overage_bytes
            WHEN 'active_seats' THEN summary.active_seats
            WHEN 'inactive_seats' THEN summary.inactive_seats
            WHEN 'shared_seats' THEN summary.shared_seats
            WHEN 'active_workloads' THEN summary.active_workloads
            WHEN 'licensed_users' THEN summary.licensed_users
        END AS DECIMAL(28,9)) AS quantity,
        metered.unit,
        'consumption_summary' AS stream,
        summary.pull_id,
        summary.row_no
    FROM raw.redstor_consumption_summary AS summary
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
SELECT * FROM told WHERE quantity IS NOT NULL;
