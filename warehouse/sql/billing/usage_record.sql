-- The quantity of one meter of one connection that a customer used of one SKU in one month.
-- grain: one customer, vendor, connection, meter, SKU, dimension and reason not to bill it in one month
-- key: usage_record_id
-- source: billing.metered_quantity, billing.sold_meter, billing.usage_owner
-- partition: month
-- rebuilds: month
-- units: the SKU's
-- rounding: none
CREATE TABLE IF NOT EXISTS billing.usage_record (
    usage_record_id VARCHAR NOT NULL,
    month DATE NOT NULL,
    customer_id VARCHAR, -- null for an excluded account that is nobody's
    vendor VARCHAR NOT NULL,
    connection VARCHAR NOT NULL,
    meter VARCHAR NOT NULL,
    sku VARCHAR NOT NULL,
    dimension VARCHAR NOT NULL,
    billable BOOLEAN NOT NULL,
    not_billable_reason VARCHAR, -- trial, or why the account is excluded
    aggregation VARCHAR NOT NULL,
    quantity DECIMAL(20,6), -- null is unknown, never none
    days_expected INTEGER NOT NULL,
    days_reported INTEGER NOT NULL,
    days_filled INTEGER NOT NULL, -- by the gap policy
    gap_policy VARCHAR NOT NULL,
    readings BIGINT NOT NULL,
    why_unknown VARCHAR, -- what it says of a quantity that is null
    owner INTEGER NOT NULL, -- these three: where its days are in billing.daily_usage
    on_trial BOOLEAN NOT NULL,
    sold INTEGER NOT NULL
);
WITH
ruled AS (
    SELECT DISTINCT month, sold, vendor, meter, sku, dimension, aggregation, gap_policy
    FROM billing.sold_meter
),
named AS (
    SELECT
        metered.*,
        owner.customer_id,
        owner.connection,
        ruled.* EXCLUDE (month, sold),
        coalesce(owner.excluded, CASE WHEN metered.on_trial THEN 'trial' END) AS not_billable_reason
    FROM billing.metered_quantity AS metered
    INNER JOIN ops.build_month AS build
        ON build.month = metered.month
    INNER JOIN ruled
        ON ruled.month = metered.month
        AND ruled.sold = metered.sold
    INNER JOIN billing.usage_owner AS owner
        ON owner.month = metered.month
        AND owner.owner = metered.owner
    WHERE owner.unmapped_account_id IS NULL
)
SELECT
    md5(concat_ws(
        '|',
        'usage_record',
        CAST(month AS VARCHAR),
        coalesce(customer_id, ''),
        vendor,
        connection,
        meter,
        sku,
        dimension,
        coalesce(not_billable_reason, '')
    )) AS usage_record_id,
    month,
    customer_id,
    vendor,
    connection,
    meter,
    sku,
    dimension,
    not_billable_reason IS NULL AS billable,
    not_billable_reason,
    aggregation,
    quantity,
    days_expected,
    days_reported,
    CASE
        WHEN quantity IS NULL OR aggregation IN ('count', 'unique_count') THEN 0
        ELSE days_expected - days_reported
    END AS days_filled,
    gap_policy,
    readings,
    why_unknown,
    owner,
    on_trial,
    sold
FROM named;
