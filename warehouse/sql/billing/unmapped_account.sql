-- Vendor accounts with usage that no row of reference.account_mapping covers: money nobody is asked for.
-- grain: one vendor account in one month
-- key: month, vendor, connection, account_id
-- source: staging.usage_snapshot, reference.account_mapping
-- partition: month
-- rebuilds: month
CREATE TABLE IF NOT EXISTS billing.unmapped_account (
    month DATE NOT NULL,
    vendor VARCHAR NOT NULL,
    connection VARCHAR NOT NULL,
    account_id VARCHAR NOT NULL,
    name VARCHAR, -- as the vendor told it last in that month
    first_day DATE NOT NULL, -- with usage and without mapping
    days INTEGER NOT NULL -- how many of those
);
WITH
active AS (
    SELECT DISTINCT
        build.month, build.last_day, snapshot.vendor, snapshot.connection, snapshot.account_id, snapshot.usage_date
    FROM staging.usage_snapshot AS snapshot
    INNER JOIN ops.build_month AS build
        ON snapshot.usage_date >= build.month
        AND snapshot.usage_date <= build.last_day
    WHERE snapshot.quantity > 0
),
unmapped AS (
    SELECT
        active.month,
        active.last_day,
        active.vendor,
        active.connection,
        active.account_id,
        min(active.usage_date) AS first_day,
        CAST(count(*) AS INTEGER) AS days
    FROM active
    LEFT JOIN reference.account_mapping AS mapping
        ON mapping.vendor = active.vendor
        AND mapping.connection = active.connection
        AND mapping.account_id = active.account_id
        AND mapping.valid_from <= active.usage_date
        AND (mapping.valid_to IS NULL OR mapping.valid_to > active.usage_date)
    WHERE mapping.account_id IS NULL
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
SELECT month, vendor, connection, account_id, name, first_day, days
FROM named
WHERE place = 1;
