-- A staged row comes from a pull that is not, or no longer, the current one of its stream and day.
SELECT DISTINCT staged.origin, staged.usage_date, staged.pull_id
FROM (
    SELECT 'usage_snapshot' AS origin, usage_date, pull_id FROM staging.usage_snapshot
    UNION ALL
    SELECT 'vendor_total' AS origin, usage_date, pull_id FROM staging.vendor_total
    UNION ALL
    SELECT 'vendor_account' AS origin, usage_date, pull_id FROM staging.vendor_account
    UNION ALL
    SELECT 'vendor_account_identity' AS origin, usage_date, pull_id FROM staging.vendor_account_identity
    UNION ALL
    SELECT 'history_event' AS origin, usage_date, pull_id FROM staging.history_event
    UNION ALL
    SELECT 'subscription' AS origin, usage_date, pull_id FROM staging.subscription
    UNION ALL
    SELECT 'vendor_price' AS origin, usage_date, pull_id FROM staging.vendor_price
    UNION ALL
    SELECT 'vendor_transaction' AS origin, usage_date, pull_id FROM staging.vendor_transaction
) AS staged
INNER JOIN ops.build_month AS build
    ON staged.usage_date >= build.month
    AND staged.usage_date <= build.last_day
LEFT JOIN ops.current_pull AS pull
    ON pull.pull_id = staged.pull_id
WHERE pull.pull_id IS NULL;
