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
shared AS (
    SELECT
        usage.usage_record_id,
        usage.month,
        usage.charge_id,
        vendor.currency,
        vendor.cost,
        CASE WHEN vendor.quantity = 0 OR vendor.cost = 0 THEN CAST(0 AS DECIMAL(37,15))
            ELSE billing.exact(billing.cut(
                billing.fine(vendor.cost),
                CAST(
                    CAST(CASE WHEN vendor.quantity < 0 THEN -usage.quantity ELSE usage.quantity END AS DECIMAL(20,6))
                    * CAST(1000000 AS DECIMAL(7,0)) AS HUGEINT
                ),
                CAST(CAST(abs(vendor.quantity) AS DECIMAL(20,6)) * CAST(1000000 AS DECIMAL(7,0)) AS HUGEINT)
            ))
        END AS part
    FROM billing.charge_usage AS usage
    INNER JOIN ops.build_month AS build
        ON build.month = usage.month
    INNER JOIN billing.vendor_cost AS vendor
        ON vendor.charge_id = usage.charge_id
    WHERE usage.side = 'cost'
        AND vendor.cost IS NOT NULL
),
first_one AS (
    SELECT charge_id, min(usage_record_id) AS usage_record_id, sum(part) AS parts
    FROM shared
    GROUP BY charge_id
)
SELECT
    shared.usage_record_id,
    shared.month,
    shared.charge_id,
    shared.currency,
    CAST(
        CASE WHEN first_one.usage_record_id = shared.usage_record_id
            THEN shared.cost - first_one.parts + shared.part
            ELSE shared.part
        END AS DECIMAL(37,15)
    ) AS cost
FROM shared
INNER JOIN first_one
    ON first_one.charge_id = shared.charge_id;
