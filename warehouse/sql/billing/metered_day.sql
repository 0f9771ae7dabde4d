-- Daily usage of everybody: of the owners that are mapped and of the accounts that are not.
-- grain: one owner and sold meter on one usage date from one stream, on trial or not
-- key: usage_date, owner, on_trial, sold, source
-- asset: no, a step on the way to others
-- source: billing.daily_usage, billing.daily_unmapped, billing.unmapped_account
CREATE OR REPLACE VIEW billing.metered_day AS
SELECT month, usage_date, owner, on_trial, sold, source, quantity, readings, positive
FROM billing.daily_usage
UNION ALL
SELECT
    daily.month,
    daily.usage_date,
    account.owner,
    daily.on_trial,
    daily.sold,
    daily.source,
    daily.quantity,
    daily.readings,
    daily.positive
FROM billing.daily_unmapped AS daily
INNER JOIN billing.unmapped_account AS account
    ON account.month = daily.month
    AND account.vendor = daily.vendor
    AND account.connection = daily.connection
    AND account.account_id = daily.account_id
WHERE daily.sold IS NOT NULL;
