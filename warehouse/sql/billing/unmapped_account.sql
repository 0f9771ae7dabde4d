-- Vendor accounts with usage that no row of reference.account_mapping covers: money nobody is asked for.
-- grain: one vendor account in one month
-- key: month, vendor, connection, account_id
-- source: billing.daily_unmapped, staging.vendor_account
-- partition: month
-- rebuilds: month
CREATE TABLE IF NOT EXISTS billing.unmapped_account (
    month DATE NOT NULL,
    vendor VARCHAR NOT NULL,
    connection VARCHAR NOT NULL,
    account_id VARCHAR NOT NULL,
    name VARCHAR, -- as the vendor told it last in that month
    first_day DATE NOT NULL, -- with usage and without mapping
    days INTEGER NOT NULL, -- how many of those
    owner INTEGER NOT NULL -- a number below 0 in that month, beside those of mapped_account
);
WITH
unmapped AS (
    SELECT
        build.month,
        build.last_day,
        daily.vendor,
        daily.connection,
        daily.account_id,
        min(daily.usage_date) AS first_day,
        CAST(count(DISTINCT daily.usage_date) AS INTEGER) AS days
    FROM billing.daily_unmapped AS daily
    INNER JOIN ops.build_month AS build
        ON build.month = daily.month
    WHERE daily.positive > 0
    GROUP BY ALL
),
named AS (
    SELECT
        unmapped.*,
        account.name,
        row_number() OVER (
            PARTITION BY unmapped.month, unmapped.vendor, unmapped.connection, unmapped.account_id
            ORDER BY account.usage_date DESC
        ) AS place
    FROM unmapped
    LEFT JOIN staging.vendor_account AS account
        ON account.vendor = unmapped.vendor
        AND account.connection = unmapped.connection
        AND account.account_id = unmapped.account_id
        AND account.usage_date >= unmapped.month
        AND account.usage_date <= unmapped.last_day
)
SELECT
    month,
    vendor,
    connection,
    account_id,
    name,
    first_day,
    days,
    -CAST(row_number() OVER (PARTITION BY month ORDER BY vendor, connection, account_id) AS INTEGER) AS owner
FROM named
WHERE place = 1;
