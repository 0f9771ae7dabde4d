-- Redstor: the subscriptions of every company. It tells neither quantity nor dates.
-- source: raw.redstor_subscriptions
SELECT
    vendor,
    connection,
    lower(company_id) AS account_id,
    lower(subscription_id) AS subscription_id,
    concat('product-', CAST(product_id AS VARCHAR)) AS product,
    concat('edition-', CAST(edition_id AS VARCHAR)) AS plan,
    CASE WHEN is_active THEN 'active' ELSE 'inactive' END AS status,
    trial_status = 'Trial' AS is_trial,
    usage_date,
    pull_id
FROM raw.redstor_subscriptions;
