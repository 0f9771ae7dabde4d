-- What the vendor should charge us for a usage record, billable or not: its part of the cost of its SKU and
-- dimension over the connection, by quantity.
-- grain: one usage record whose cost is known
-- key: usage_record_id
-- source: billing.vendor_cost, billing.charge_usage
-- partition: month
-- rebuilds: month
-- units: the currency of the cost card
-- rounding: cut off at the 15th decimal; the first record, ordered by id, gets what is left
CREATE TABLE IF NOT EXISTS billing.usage_cost (
    usage_record_id VARCHAR NOT NULL,
    month DATE NOT NULL,
    charge_id VARCHAR NOT NULL, -- of billing.vendor_cost
    currency VARCHAR NOT NULL,
    cost DECIMAL(37,15) NOT NULL
);
WITH
whole AS (
    SELECT
        vendor.charge_id,
        vendor.month,
        vendor.currency,
        billing.fine(vendor.cost) AS fine_cost,
        CASE WHEN vendor.quantity < 0 THEN -1 ELSE 1 END AS direction,
        abs(billing.millionths(vendor.quantity)) AS size
    FROM billing.vendor_cost AS vendor
    INNER JOIN ops.build_month AS build
        ON build.month = vendor.month
    WHERE vendor.cost IS NOT NULL
),
used AS (
    SELECT
        usage.usage_record_id,
        whole.*,
        CAST(whole.direction AS HUGEINT) * CAST(billing.millionths(usage.quantity) AS HUGEINT) AS used
    FROM billing.charge_usage AS usage
    INNER JOIN whole
        ON whole.month = usage.month
        AND whole.charge_id = usage.charge_id
    WHERE usage.side = 'cost'
),
shared AS (
    SELECT
        *,
        CASE WHEN size = 0 OR fine_cost = 0 THEN 0 ELSE billing.cut(fine_cost, used, size) END AS part
    FROM used
),
first_one AS (
    SELECT charge_id, min(usage_record_id) AS usage_record_id, sum(part) AS parts
    FROM shared
    GROUP BY charge_id
),
complete AS (
    SELECT
        shared.usage_record_id,
        shared.month,
        shared.charge_id,
        shared.currency,
        CASE WHEN first_one.usage_record_id = shared.usage_record_id
            THEN shared.fine_cost - first_one.parts + shared.part
            ELSE shared.part
        END AS fine_cost
    FROM shared
    INNER JOIN first_one
        ON first_one.charge_id = shared.charge_id
)
SELECT
    usage_record_id,
    month,
    charge_id,
    currency,
    billing.exact(fine_cost) AS cost
FROM complete;
