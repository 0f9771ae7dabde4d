-- As what a vendor's meter is sold in a month, and how its figure becomes a quantity: figure times size
-- times part, divided by whole, is the quantity in steps. Products that are sold as the same have the same number.
-- grain: one SKU of one meter of one product, or of `*`: every product without rows of its own, in one month
-- key: month, vendor, product, meter, sold
-- asset: no, a step on the way to others
-- source: reference.sku_mapping, reference.meter, reference.sku, reference.unit
-- partition: month
-- rebuilds: month
-- units: size is that of the meter's unit in the smallest of its kind, as bytes; figures are in 10^-9 of it
-- rounding: none
CREATE TABLE IF NOT EXISTS billing.sold_meter (
    month DATE NOT NULL,
    vendor VARCHAR NOT NULL,
    product VARCHAR NOT NULL,
    meter VARCHAR NOT NULL,
    sold INTEGER NOT NULL, -- a number from 1 in that month
    sku VARCHAR NOT NULL,
    dimension VARCHAR NOT NULL,
    aggregation VARCHAR NOT NULL,
    percentile BIGINT,
    term_months BIGINT,
    gap_policy VARCHAR NOT NULL,
    min_coverage DECIMAL(7,4) NOT NULL,
    size HUGEINT NOT NULL,
    part HUGEINT NOT NULL,
    whole HUGEINT NOT NULL,
    step_millionths HUGEINT NOT NULL,
    rounding VARCHAR NOT NULL
);
WITH
sold AS (
    SELECT
        build.month,
        mapping.vendor,
        mapping.product,
        mapping.meter,
        mapping.sku,
        mapping.dimension,
        mapping.aggregation,
        mapping.percentile,
        mapping.term_months,
        mapping.ratio,
        meter.gap_policy,
        meter.min_coverage,
        -- Readings and resources are numbers of their own, whatever the meter's unit.
        CASE
            WHEN mapping.aggregation IN ('count', 'unique_count') THEN CAST(1 AS HUGEINT)
            ELSE CAST(counted.size AS HUGEINT)
        END AS size,
        CASE
            WHEN mapping.aggregation IN ('count', 'unique_count') THEN CAST(1 AS HUGEINT)
            ELSE CAST(billed.size AS HUGEINT)
        END AS sku_size,
        CAST(CAST(mapping.ratio AS DECIMAL(20,6)) * CAST(1000000 AS DECIMAL(7,0)) AS HUGEINT) AS ratio_millionths,
        CAST(CAST(sku.quantity_step AS DECIMAL(20,6)) * CAST(1000000 AS DECIMAL(7,0)) AS HUGEINT) AS step_millionths,
        sku.rounding
    FROM reference.sku_mapping AS mapping
    INNER JOIN ops.build_month AS build
        ON mapping.valid_from <= build.month
        AND (mapping.valid_to IS NULL OR mapping.valid_to > build.month)
    INNER JOIN reference.meter AS meter
        ON meter.vendor = mapping.vendor
        AND meter.meter = mapping.meter
        AND meter.valid_from <= build.month
        AND (meter.valid_to IS NULL OR meter.valid_to > build.month)
    INNER JOIN reference.sku AS sku
        ON sku.sku = mapping.sku
    INNER JOIN reference.unit AS counted
        ON counted.unit = meter.unit
    INNER JOIN reference.unit AS billed
        ON billed.unit = sku.unit
),
-- Ratio and step are both in millionths, which cancel out.
converted AS (
    SELECT
        *,
        CAST(1000000000 AS HUGEINT) * CAST(sku_size AS HUGEINT) * CAST(step_millionths AS HUGEINT) AS steps
    FROM sold
),
reduced AS (
    SELECT *, gcd(ratio_millionths, steps) AS common FROM converted
)
SELECT
    month,
    vendor,
    product,
    meter,
    CAST(dense_rank() OVER (PARTITION BY month ORDER BY vendor, meter, sku, dimension) AS INTEGER) AS sold,
    sku,
    dimension,
    aggregation,
    percentile,
    term_months,
    gap_policy,
    min_coverage,
    size,
    CAST(ratio_millionths // common AS HUGEINT) AS part,
    CAST(steps // common AS HUGEINT) AS whole,
    step_millionths,
    rounding
FROM reduced;
