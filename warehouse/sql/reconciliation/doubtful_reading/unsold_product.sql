-- Usage of products that no row of reference.sku_mapping sells. R-10: of a meter that reference.meter has, so that
-- somebody means to sell it, or that was sold as this product until its mapping ended. R-20: a product with none
-- of those that appears for the first time, at a vendor that told others the month before.
-- source: staging.usage_snapshot, reference.meter, reference.sku_mapping
WITH
seen AS (
    SELECT DISTINCT build.month, told.vendor, told.product, told.meter
    FROM staging.usage_snapshot AS told
    INNER JOIN ops.build_month AS build
        ON told.usage_date >= build.month
        AND told.usage_date <= build.last_day
    WHERE told.quantity > 0
),
mapping AS (
    SELECT
        build.month,
        mapping.vendor,
        mapping.product,
        mapping.meter,
        bool_or(mapping.valid_to IS NULL OR mapping.valid_to > build.month) AS holds
    FROM reference.sku_mapping AS mapping
    INNER JOIN ops.build_month AS build
        ON mapping.valid_from <= build.month
    GROUP BY ALL
),
named AS (
    SELECT month, vendor, product, bool_or(holds) AS holds
    FROM mapping
    GROUP BY month, vendor, product
),
judged AS (
    SELECT
        seen.*,
        coalesce(own.holds OR every.holds, false) AS is_sold,
        coalesce(NOT own.holds, false) AS has_ended,
        coalesce(named.holds, false) AS is_named,
        meter.meter IS NOT NULL AS is_declared
    FROM seen
    LEFT JOIN mapping AS own
        ON own.month = seen.month
        AND own.vendor = seen.vendor
        AND own.product = seen.product
        AND own.meter = seen.meter
    LEFT JOIN mapping AS every
        ON every.month = seen.month
        AND every.vendor = seen.vendor
        AND every.product = '*'
        AND every.meter = seen.meter
    LEFT JOIN named
        ON named.month = seen.month
        AND named.vendor = seen.vendor
        AND named.product = seen.product
    LEFT JOIN reference.meter AS meter
        ON meter.vendor = seen.vendor
        AND meter.meter = seen.meter
        AND meter.valid_from <= seen.month
        AND (meter.valid_to IS NULL OR meter.valid_to > seen.month)
),
unsold AS (
    SELECT
        *,
        CASE
            WHEN NOT is_sold AND (has_ended OR (is_declared AND NOT is_named)) THEN 'R-10'
            WHEN NOT bool_or(is_sold OR is_declared OR is_named) OVER (PARTITION BY month, vendor, product) THEN 'R-20'
        END AS code
    FROM judged
),
before AS (
    SELECT DISTINCT build.month, told.vendor, told.product
    FROM staging.usage_snapshot AS told
    INNER JOIN ops.build_month AS build
        ON told.usage_date < build.month
        AND told.usage_date >= build.month - 31
)
SELECT
    unsold.month,
    unsold.code,
    told.vendor,
    told.connection,
    told.account_id,
    '' AS subject,
    told.product,
    told.meter,
    told.usage_date,
    told.quantity
FROM unsold
INNER JOIN staging.usage_snapshot AS told
    ON told.vendor = unsold.vendor
    AND told.product = unsold.product
    AND told.meter = unsold.meter
    AND told.usage_date >= unsold.month
    AND told.usage_date < unsold.month + 31
    AND CAST(date_trunc('month', told.usage_date) AS DATE) = unsold.month
WHERE NOT coalesce(told.is_trial, false)
    AND (
        unsold.code = 'R-10'
        OR (
            unsold.code = 'R-20'
            AND unsold.vendor IN (SELECT before.vendor FROM before WHERE before.month = unsold.month)
            AND NOT EXISTS (
                SELECT 1
                FROM before
                WHERE before.month = unsold.month
                    AND before.vendor = unsold.vendor
                    AND before.product = unsold.product
            )
        )
    );
