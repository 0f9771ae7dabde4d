-- One price times one quantity on one draft invoice. The exact amounts of an invoice are shared out to
-- its currency's smallest unit by largest remainder, so that its lines sum to its net to the cent.
-- grain: one tier of one usage record; records with nothing to charge have none
-- key: invoice_line_id
-- source: billing.usage_record, billing.customer_terms, reference.rate, reference.currency
-- partition: month
-- rebuilds: month
-- units: quantity in the SKU's unit; amounts in the invoice's currency
-- rounding: net is the exact sum rounded half away from zero; of its smallest units every line gets the
--     whole part of its own, and those with the largest remainders, ties by line number, one more
CREATE TABLE IF NOT EXISTS billing.invoice_line (
    invoice_line_id VARCHAR NOT NULL,
    invoice_id VARCHAR NOT NULL,
    line_no INTEGER NOT NULL,
    month DATE NOT NULL,
    billed_customer_id VARCHAR NOT NULL,
    customer_id VARCHAR NOT NULL, -- whose usage it is
    usage_record_id VARCHAR NOT NULL,
    sku VARCHAR NOT NULL,
    description VARCHAR NOT NULL,
    rate_card VARCHAR NOT NULL,
    model VARCHAR NOT NULL,
    tier_no INTEGER NOT NULL,
    quantity DECIMAL(20,6) NOT NULL,
    unit VARCHAR NOT NULL,
    unit_price DECIMAL(17,9) NOT NULL,
    currency VARCHAR NOT NULL,
    exact_amount DECIMAL(37,15) NOT NULL,
    amount DECIMAL(18,4) NOT NULL,
    service_period_start DATE NOT NULL,
    service_period_end DATE NOT NULL, -- the first day after it
    days_expected INTEGER NOT NULL,
    days_reported INTEGER NOT NULL
);
WITH
tier AS (
    SELECT
        *,
        CAST(row_number() OVER (
            PARTITION BY rate_card, sku, valid_from
            ORDER BY tier_from
        ) AS INTEGER) AS tier_no
    FROM reference.rate
),
charged AS (
    SELECT
        record.*,
        build.last_day,
        terms.customer_name,
        terms.billed_customer_id,
        terms.billing_entity_id,
        terms.currency,
        sku.name AS sku_name,
        sku.unit,
        tier.rate_card,
        tier.model,
        tier.tier_no,
        tier.tier_from,
        tier.tier_to,
        CAST(CASE tier.model
            WHEN 'flat' THEN 1
            WHEN 'graduated' THEN least(record.quantity, coalesce(tier.tier_to, record.quantity)) - tier.tier_from
            ELSE record.quantity
        END AS DECIMAL(20,6)) AS charged_quantity,
        tier.unit_price
    FROM billing.usage_record AS record
    INNER JOIN ops.build_month AS build
        ON build.month = record.month
    INNER JOIN billing.customer_terms AS terms
        ON terms.month = record.month
        AND terms.customer_id = record.customer_id
    INNER JOIN reference.sku AS sku
        ON sku.sku = record.sku
    INNER JOIN tier
        ON tier.rate_card = terms.rate_card
        AND tier.sku = record.sku
        AND tier.valid_from <= record.month
        AND (tier.valid_to IS NULL OR tier.valid_to > record.month)
        AND (
            tier.model = 'flat'
            OR (
                record.quantity <> 0
                AND (tier.tier_from = 0 OR record.quantity > tier.tier_from)
                AND (tier.model <> 'volume' OR tier.tier_to IS NULL OR record.quantity <= tier.tier_to)
            )
        )
    WHERE record.billable
        AND record.quantity IS NOT NULL
),
numbered AS (
    SELECT
        *,
        md5(concat_ws(
            '|', 'invoice', CAST(month AS VARCHAR), billing_entity_id, billed_customer_id, currency
        )) AS invoice_id,
        CAST(row_number() OVER (
            PARTITION BY month, billing_entity_id, billed_customer_id, currency
            ORDER BY customer_id, sku, vendor, meter, tier_no
        ) AS INTEGER) AS line_no
    FROM charged
),
-- In whole numbers of 10^-15, the finest a quantity times a price can be.
fine AS (
    SELECT
        numbered.*,
        CAST(CAST(charged_quantity AS DECIMAL(20,6)) * CAST(1000000 AS DECIMAL(7,0)) AS HUGEINT)
        * CAST(CAST(unit_price AS DECIMAL(17,9)) * CAST(1000000000 AS DECIMAL(19,0)) AS HUGEINT) AS fine_amount,
        currency.minor_unit,
        CAST(
            CAST(currency.minor_unit AS DECIMAL(5,4)) * CAST(1000000000000000 AS DECIMAL(19,0)) AS HUGEINT
        ) AS fine_unit
    FROM numbered
    INNER JOIN reference.currency AS currency
        ON currency.currency = numbered.currency
),
summed AS (
    SELECT *, sum(fine_amount) OVER (PARTITION BY invoice_id) AS fine_net FROM fine
),
-- An invoice below zero is shared out as its mirror image, so that a credit mirrors what it credits.
mirrored AS (
    SELECT
        *,
        CASE WHEN fine_net < 0 THEN -1 ELSE 1 END AS direction,
        CASE WHEN fine_net < 0 THEN -fine_amount ELSE fine_amount END AS share,
        (abs(fine_net) + abs(fine_net) + fine_unit) // (fine_unit + fine_unit) AS net_units
    FROM summed
),
floored AS (
    SELECT
        *,
        CASE WHEN share >= 0 THEN share // fine_unit ELSE -((fine_unit - 1 - share) // fine_unit) END AS units
    FROM mirrored
),
ranked AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY invoice_id
            ORDER BY share - CAST(units AS HUGEINT) * CAST(fine_unit AS HUGEINT) DESC, line_no
        ) AS place,
        net_units - sum(units) OVER (PARTITION BY invoice_id) AS left_over
    FROM floored
),
allocated AS (
    SELECT
        *,
        CAST(direction AS HUGEINT) * CAST(units + CASE WHEN place <= left_over THEN 1 ELSE 0 END AS HUGEINT)
            AS allocated_units
    FROM ranked
)
SELECT
    md5(concat_ws('|', 'invoice_line', invoice_id, usage_record_id, CAST(tier_no AS VARCHAR))) AS invoice_line_id,
    invoice_id,
    line_no,
    month,
    billed_customer_id,
    customer_id,
    usage_record_id,
    sku,
    concat(
        sku_name,
        CASE WHEN customer_id <> billed_customer_id THEN concat(', ', customer_name) ELSE '' END,
        CASE model
            WHEN 'flat' THEN ', flat price'
            WHEN 'per_unit' THEN ''
            ELSE concat(
                CASE model WHEN 'volume' THEN ', all at tier ' ELSE ', tier ' END,
                CAST(tier_no AS VARCHAR),
                ' (above ',
                rtrim(rtrim(CAST(tier_from AS VARCHAR), '0'), '.'),
                CASE
                    WHEN tier_to IS NULL THEN ''
                    ELSE concat(' up to ', rtrim(rtrim(CAST(tier_to AS VARCHAR), '0'), '.'))
                END,
                ' ',
                unit,
                ')'
            )
        END,
        CASE
            WHEN model = 'flat' THEN ''
            WHEN aggregation = 'peak' THEN ', highest day'
            WHEN aggregation = 'average' THEN ', mean of the days'
            ELSE ', last day'
        END,
        ', ',
        CAST(days_reported AS VARCHAR),
        ' of ',
        CAST(days_expected AS VARCHAR),
        ' days reported'
    ) AS description,
    rate_card,
    model,
    tier_no,
    charged_quantity AS quantity,
    CASE model WHEN 'flat' THEN 'month' ELSE unit END AS unit,
    unit_price,
    currency,
    CAST(charged_quantity AS DECIMAL(20,6)) * CAST(unit_price AS DECIMAL(17,9)) AS exact_amount,
    CAST(CAST(allocated_units AS DECIMAL(19,0)) * CAST(minor_unit AS DECIMAL(5,4)) AS DECIMAL(18,4)) AS amount,
    month AS service_period_start,
    CAST(last_day + INTERVAL 1 DAY AS DATE) AS service_period_end,
    days_expected,
    days_reported
FROM allocated;
