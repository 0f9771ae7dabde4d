-- The month's readings of a device or mailbox that two vendors protect for the same customer on the month's last
-- day so far, by its name: a login, a host name or an address, which has no blanks.
-- source: staging.usage_snapshot, billing.mapped_account
WITH
resource AS (
    SELECT DISTINCT
        build.month,
        build.metered_until AS last_day,
        account.customer_id,
        reading.vendor,
        reading.connection,
        reading.account_id,
        reading.resource_id,
        unnest(list_distinct([lower(reading.resource_id), lower(reading.resource_name)])) AS name
    FROM staging.usage_snapshot AS reading
    INNER JOIN ops.build_month AS build
        ON build.metered_until = reading.usage_date
    INNER JOIN billing.mapped_account AS account
        ON account.month = build.month
        AND account.vendor = reading.vendor
        AND account.connection = reading.connection
        AND account.account_id = reading.account_id
        AND account.valid_from <= reading.usage_date
        AND account.valid_to > reading.usage_date
    WHERE reading.resource_type IN ('backup_account', 'account', 'cloud_service', 'appliance', 'file')
        AND reading.quantity > 0
        AND NOT coalesce(reading.is_trial, false)
        AND account.excluded IS NULL
),
twice AS (
    SELECT month, customer_id, name
    FROM resource
    -- A number alone is a vendor's own.
    WHERE regexp_matches(name, '^[^\s]*[^\s0-9][^\s]*$')
    GROUP BY month, customer_id, name
    HAVING count(DISTINCT vendor) > 1
)
SELECT
    twice.month,
    'R-47' AS code,
    reading.vendor,
    reading.connection,
    reading.account_id,
    twice.name AS subject,
    reading.product,
    reading.meter,
    reading.usage_date,
    reading.quantity
FROM twice
INNER JOIN resource
    ON resource.month = twice.month
    AND resource.customer_id = twice.customer_id
    AND resource.name = twice.name
INNER JOIN staging.usage_snapshot AS reading
    ON reading.vendor = resource.vendor
    AND reading.connection = resource.connection
    AND reading.account_id = resource.account_id
    AND reading.resource_id = resource.resource_id
    AND reading.usage_date >= twice.month
    AND reading.usage_date <= resource.last_day
WHERE reading.quantity > 0
    AND NOT coalesce(reading.is_trial, false);
