-- ResellerClub: every order that is listed, ended ones too.
-- source: raw.resellerclub_orders
SELECT
    vendor,
    connection,
    CAST(customer_id AS VARCHAR) AS account_id,
    CAST(order_id AS VARCHAR) AS subscription_id,
    product_key AS product,
    CAST(plan_id AS VARCHAR) AS plan,
    lower(status) AS status,
    false AS is_trial,
    CAST(storage_gib AS DECIMAL(28,9)) AS quantity,
    'GiB' AS unit,
    started_on,
    ends_on,
    usage_date,
    pull_id
FROM raw.resellerclub_orders;
