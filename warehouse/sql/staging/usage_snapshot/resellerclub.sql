-- ResellerClub: what is ordered, on every day of the order's term. It tells no stored bytes. The mean
-- over a month's days is the quantity in proportion to the days from creation to end.
-- source: raw.resellerclub_orders
SELECT
    vendor,
    connection,
    CAST(customer_id AS VARCHAR) AS account_id,
    CAST(order_id AS VARCHAR) AS resource_id,
    description AS resource_name,
    'order' AS resource_type,
    CAST(plan_id AS VARCHAR) AS product,
    'ordered_gib' AS meter,
    usage_date,
    CAST(storage_gib AS DECIMAL(28,9)) AS quantity,
    'GiB' AS unit,
    false AS is_trial,
    'reported' AS quality,
    pull_id,
    row_no
FROM raw.resellerclub_orders
WHERE started_on <= usage_date
    AND ends_on > usage_date;
