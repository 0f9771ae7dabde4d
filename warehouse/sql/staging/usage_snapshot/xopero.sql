-- Xopero: space used by and assigned to each account of a customer; the subscription's capacity, hosts and
-- users stand once, on the customer's own account. 2147483647 hosts or users mean unlimited, which is no
-- quantity. Whether it is a trial is for the type of the subscription to say; only without one, for the flag.
-- source: raw.xopero_customer_usage
-- units: bytes as told; hosts are devices
WITH
reading AS (
    SELECT
        used.vendor,
        used.connection,
        CAST(used.customer_id AS VARCHAR) AS account_id,
        CAST(used.account_id AS VARCHAR) AS resource_id,
        coalesce(used.account_name, own.account_name) AS resource_name,
        'account' AS resource_type,
        'backup' AS product,
        metered.meter,
        used.usage_date,
        CAST(CASE metered.meter
            WHEN 'used_bytes' THEN used.used_bytes
            WHEN 'assigned_bytes' THEN used.assigned_bytes
            WHEN 'capacity_bytes' THEN used.capacity_bytes
            WHEN 'hosts' THEN nullif(used.hosts, 2147483647)
            WHEN 'users' THEN nullif(used.users, 2147483647)
        END AS DECIMAL(28,9)) AS quantity,
        metered.unit,
        coalesce(used.subscription_type = 'PRODUCT_TYPE_TRIAL', used.is_trial) AS is_trial,
        'reported' AS quality,
        used.pull_id,
        used.row_no
    FROM raw.xopero_customer_usage AS used
    INNER JOIN (
        VALUES
            ('used_bytes', 'bytes', 'account'),
            ('assigned_bytes', 'bytes', 'account'),
            ('capacity_bytes', 'bytes', 'customer'),
            ('hosts', 'devices', 'customer'),
            ('users', 'users', 'customer')
    ) AS metered (meter, unit, scope)
        ON metered.scope = used.scope
    LEFT JOIN raw.xopero_customer_usage AS own
        ON own.pull_id = used.pull_id
        AND own.customer_id = used.customer_id
        AND own.account_id = used.account_id
        AND own.scope = 'account'
)
SELECT * FROM reading WHERE quantity IS NOT NULL;
