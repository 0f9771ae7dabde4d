-- Xopero: the subscription of each customer. Its dates are those of the vendor's clock at the offset told.
-- source: raw.xopero_subscriptions
-- units: the quantity is the capacity, in bytes
SELECT
    vendor,
    connection,
    CAST(customer_id AS VARCHAR) AS account_id,
    number AS subscription_id,
    coalesce(product_version, 'unknown') AS product,
    product_name AS plan,
    lower(status) AS status,
    coalesce(subscription_type = 'PRODUCT_TYPE_TRIAL', is_trial) AS is_trial,
    CAST(capacity_bytes AS DECIMAL(28,9)) AS quantity,
    'bytes' AS unit,
    CAST(substr(valid_from, 1, 10) AS DATE) AS started_on,
    CAST(substr(valid_to, 1, 10) AS DATE) AS ends_on,
    usage_date,
    pull_id
FROM raw.xopero_subscriptions;
