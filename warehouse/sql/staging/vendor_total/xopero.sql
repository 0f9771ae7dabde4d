-- Xopero: space used by and assigned to all accounts of a customer, as the answer about the customer sums it.
-- An answer whose accounts do not add up to it is refused when it is read; this is the sum that was accepted.
-- source: raw.xopero_customer_usage
WITH
told AS (
    SELECT
        used.vendor,
        used.connection,
        'account' AS scope,
        CAST(used.customer_id AS VARCHAR) AS account_id,
        'account' AS resource_type,
        metered.meter,
        used.usage_date,
        CAST(
            CASE metered.meter WHEN 'used_bytes' THEN used.used_bytes ELSE used.assigned_bytes END AS DECIMAL(28,9)
        ) AS quantity,
        'bytes' AS unit,
        'customer_usage' AS stream,
        used.pull_id,
        used.row_no
    FROM raw.xopero_customer_usage AS used
    CROSS JOIN (VALUES ('used_bytes'), ('assigned_bytes')) AS metered (meter)
    WHERE used.scope = 'customer'
)
SELECT * FROM told WHERE quantity IS NOT NULL;
