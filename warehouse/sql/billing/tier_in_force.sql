-- What a price that holds in a month is made of: its tiers, what is charged once for a tier, and what is
-- included; each with its rule in words. Percentages and cost plus have none: they are of other amounts.
-- grain: one component of one price in force
-- key: price_id, first_day, tier_no, component
-- asset: no, a step on the way to others
-- source: billing.price_in_force, reference.rate, reference.sku
-- partition: month
-- rebuilds: month
-- units: prices in the currency of the rate card
-- rounding: none
CREATE TABLE IF NOT EXISTS billing.tier_in_force (
    price_id VARCHAR NOT NULL,
    month DATE NOT NULL,
    side VARCHAR NOT NULL,
    first_day DATE NOT NULL,
    end_day DATE NOT NULL,
    weight_part INTEGER NOT NULL,
    weight_whole INTEGER NOT NULL,
    model VARCHAR NOT NULL,
    component VARCHAR NOT NULL, -- included, tier, or once (the flat price of a tier)
    tier_no INTEGER NOT NULL, -- from 1; 0 for what is included
    tier_from DECIMAL(20,6) NOT NULL,
    tier_to DECIMAL(20,6),
    included DECIMAL(20,6) NOT NULL,
    package_size DECIMAL(20,6),
    unit_price DECIMAL(17,9) NOT NULL,
    unit VARCHAR NOT NULL,
    description VARCHAR NOT NULL, -- what follows the name of the SKU on a line
    rule VARCHAR NOT NULL
);
WITH
tier AS (
    SELECT
        *,
        CAST(row_number() OVER (
            PARTITION BY rate_card, customer_id, sku, dimension, valid_from
            ORDER BY tier_from
        ) AS INTEGER) AS tier_no
    FROM reference.rate
),
held AS (
    SELECT
        price.*,
        tier.tier_no,
        tier.tier_from,
        tier.tier_to,
        tier.unit_price,
        tier.flat_price,
        sku.unit,
        concat(
            'above ',
            billing.plain(tier.tier_from),
            CASE WHEN tier.tier_to IS NULL THEN '' ELSE concat(' up to ', billing.plain(tier.tier_to)) END
        ) AS bounds,
        concat(
            CASE WHEN price.included > 0 AND price.model <> 'flat'
                THEN concat('; after ', billing.plain(price.included), ' ', sku.unit, ' included',
                    CASE WHEN price.pooled THEN ' for each customer' ELSE '' END)
                ELSE ''
            END,
            CASE WHEN price.rate_customer_id <> '' THEN '; price of this customer' ELSE '' END,
            CASE WHEN price.rate_dimension <> '' THEN concat('; price of ', price.rate_dimension) ELSE '' END,
            billing.part_in_words(price.proration, price.weight_part, price.weight_whole)
        ) AS terms
    FROM billing.price_in_force AS price
    INNER JOIN ops.build_month AS build
        ON build.month = price.month
    INNER JOIN reference.sku AS sku
        ON sku.sku = price.sku
    INNER JOIN tier
        ON tier.rate_card = price.rate_card
        AND tier.customer_id = price.rate_customer_id
        AND tier.sku = price.sku
        AND tier.dimension = price.rate_dimension
        AND tier.valid_from = price.rate_valid_from
    WHERE price.model NOT IN ('percentage', 'cost_plus')
        AND price.weight_part > 0
),
component AS (
    SELECT
        * REPLACE (CAST(CASE model WHEN 'package' THEN 'package' WHEN 'flat' THEN 'month' ELSE unit END AS VARCHAR) AS unit),
        'tier' AS component,
        CASE model
            WHEN 'flat' THEN ', flat price'
            WHEN 'per_unit' THEN ''
            WHEN 'package' THEN concat(', packages of ', billing.plain(package_size), ' ', unit)
            WHEN 'volume' THEN concat(', all at tier ', CAST(tier_no AS VARCHAR), ' (', bounds, ' ', unit, ')')
            ELSE concat(', tier ', CAST(tier_no AS VARCHAR), ' (', bounds, ' ', unit, ')')
        END AS description,
        concat(
            CASE model WHEN 'per_unit' THEN 'per unit' ELSE model END,
            ': ',
            billing.plain(unit_price),
            ' ',
            currency,
            CASE model
                WHEN 'flat' THEN ' a month'
                WHEN 'package' THEN concat(' for each package of ', billing.plain(package_size), ' ', unit, ' begun')
                WHEN 'per_unit' THEN concat(' for each of the ', unit)
                WHEN 'volume' THEN concat(' for each of all ', unit, ', because they are ', bounds)
                ELSE concat(' for each of the ', unit, ' ', bounds)
            END,
            terms
        ) AS rule
    FROM held
    UNION ALL
    SELECT
        * REPLACE (flat_price AS unit_price, CAST('month' AS VARCHAR) AS unit),
        'once' AS component,
        concat(', once for tier ', CAST(tier_no AS VARCHAR), ' (', bounds, ' ', unit, ')') AS description,
        concat(model, ': ', billing.plain(flat_price), ' ', currency, ' once for the tier ', bounds, ' ', unit, terms) AS rule
    FROM held
    WHERE flat_price <> 0
        AND model IN ('graduated', 'volume')
    UNION ALL
    SELECT
        * REPLACE (
            CAST(0 AS INTEGER) AS tier_no,
            CAST(0 AS DECIMAL(17,9)) AS unit_price
        ),
        'included' AS component,
        ', included' AS description,
        concat(
            'included: the first ',
            billing.plain(included),
            ' ',
            unit,
            CASE WHEN pooled THEN ' for each customer' ELSE '' END,
            ' cost nothing',
            billing.part_in_words(proration, weight_part, weight_whole)
        ) AS rule
    FROM held
    WHERE tier_no = 1
        AND included > 0
        AND model <> 'flat'
)
SELECT
    price_id,
    month,
    side,
    first_day,
    end_day,
    weight_part,
    weight_whole,
    model,
    component,
    tier_no,
    tier_from,
    tier_to,
    included,
    package_size,
    unit_price,
    unit,
    description,
    rule
FROM component;
