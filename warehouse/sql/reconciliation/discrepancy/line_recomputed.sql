-- Lines of drafts and issued documents whose stored amount is not what their own quantity, price and rule give,
-- or whose cents are not their exact amount's; and those that have no such figures. Each kind of line is worked
-- out by the rule that it prints: usage and contract items from quantity, price and share of the month;
-- percentages, cost plus, discounts, minimum, maximum and commitments from the figures in the rule; corrections
-- from what was rated and billed. Rating a month anew from its readings is `backup-billing verify`; lines of
-- credit notes are held against their invoice by R-45.
-- R-28: line is not what its own figures give
-- stops: issue
-- direction: each row
-- tolerance: amount 0, percent 0, count 0
-- guards: billing.invoice_line
-- vendors: all
-- source: reconciliation.live_line, reference.currency
WITH
line AS (
    SELECT
        line.*,
        currency.minor_unit,
        -- Usage prints no figures but those of its columns, and mostly it is for the whole month.
        line.kind IN ('usage', 'included', 'contract') AS is_priced,
        CASE WHEN contains(line.rule, '; ') THEN regexp_extract(line.rule, '; (\d+ of \d+) (?:days|hours|minutes)', 1)
            ELSE ''
        END AS share
    FROM reconciliation.live_line AS line
    INNER JOIN ops.build_month AS build
        ON build.month = line.month
    INNER JOIN reference.currency AS currency
        ON currency.currency = line.currency
),
read AS (
    SELECT
        *,
        CASE WHEN NOT is_priced THEN regexp_extract(rule, '[.:] (-?[0-9.]+) ', 1) END AS first_text,
        CASE WHEN NOT is_priced THEN regexp_extract(rule, ' (?:of|against|less|plus) (-?[0-9.]+)', 1) END AS second_text,
        CASE kind WHEN 'correction' THEN regexp_extract(rule, ' and (-?[0-9.]+) waived', 1) END AS waived_text
    FROM line
),
-- In whole numbers: of 10^-15, and the percentage of 10^-4.
figured AS (
    SELECT
        *,
        billing.fine(TRY_CAST(first_text AS DECIMAL(37,15))) AS first_figure,
        billing.fine(TRY_CAST(second_text AS DECIMAL(37,15))) AS second_figure,
        billing.fine(coalesce(TRY_CAST(waived_text AS DECIMAL(37,15)), 0)) AS waived,
        CASE kind
            WHEN 'cost_plus' THEN TRY_CAST(second_text AS DECIMAL(7,4))
            ELSE TRY_CAST(first_text AS DECIMAL(7,4))
        END AS percent,
        CASE share WHEN '' THEN 1 ELSE CAST(split_part(share, ' of ', 1) AS INTEGER) END AS part,
        CASE share WHEN '' THEN 1 ELSE CAST(split_part(share, ' of ', 2) AS INTEGER) END AS whole,
        CASE WHEN kind <> 'correction' AND fx_rate IS NOT NULL THEN CAST(billing.nano(fx_rate) AS HUGEINT) END AS nano_rate,
        billing.fine(exact_amount) AS fine_stored
    FROM read
),
percented AS (
    SELECT
        *,
        CASE kind WHEN 'cost_plus' THEN first_figure ELSE second_figure END AS basis,
        CAST(CAST(percent AS DECIMAL(7,4)) * CAST(10000 AS DECIMAL(19,0)) AS HUGEINT) AS share_of_basis
    FROM figured
),
priced AS (
    SELECT
        *,
        CASE
            WHEN is_priced THEN billing.fine(CAST(quantity AS DECIMAL(20,6)) * CAST(unit_price AS DECIMAL(17,9)))
            WHEN kind IN ('percentage', 'cost_plus', 'discount')
                THEN CASE kind WHEN 'cost_plus' THEN basis ELSE 0 END
                + CAST(CASE kind WHEN 'discount' THEN -1 ELSE 1 END AS HUGEINT) * CAST(billing.share(basis, share_of_basis, 1000000) AS HUGEINT)
            WHEN kind IN ('minimum', 'maximum', 'commitment', 'correction') THEN first_figure - second_figure - waived
        END AS fine_month
    FROM percented
),
weighted AS (
    SELECT *, CASE WHEN part = whole THEN fine_month ELSE billing.share(fine_month, part, whole) END AS fine_weighted
    FROM priced
),
recomputed AS (
    SELECT
        *,
        CASE WHEN nano_rate IS NULL THEN fine_weighted ELSE billing.share(fine_weighted, nano_rate, 1000000000) END
            AS fine_figured
    FROM weighted
),
wrong AS (
    -- Two sides of a minimum are each rounded where the line prints them, so the last decimals may differ.
    SELECT *, 'amount' AS what, exact_amount AS stored, billing.exact(fine_figured) AS figured
    FROM recomputed
    WHERE abs(fine_stored - fine_figured) > 100000
    UNION ALL BY NAME
    SELECT *, 'rule' AS what, exact_amount AS stored
    FROM recomputed
    WHERE fine_figured IS NULL
    UNION ALL BY NAME
    SELECT *, 'cents' AS what, CAST(amount AS DECIMAL(37,15)) AS stored, exact_amount AS figured
    FROM line
    WHERE abs(amount - exact_amount) >= minor_unit
)
SELECT
    'R-28' AS code,
    month,
    billing_entity_id,
    billed_customer_id,
    customer_id,
    nullif(sku, '') AS sku,
    concat(document, ' line ', CAST(line_no AS VARCHAR), ': ', what) AS subject,
    CASE WHEN what = 'rule' THEN 'control' WHEN stored < figured THEN 'leak' ELSE 'over_bill' END AS direction,
    currency AS unit,
    figured AS expected,
    stored AS actual,
    currency,
    abs(stored - coalesce(figured, 0)) AS amount,
    concat(
        'Line ', CAST(line_no AS VARCHAR), ' of ', document, ' for ', customer_id, ' has ', billing.plain(stored), ' ', currency,
        CASE what
            WHEN 'rule' THEN ', and its own figures cannot be read'
            WHEN 'cents' THEN concat(', and its exact amount is ', billing.plain(figured))
            ELSE concat(', and its own figures give ', billing.plain(figured))
        END,
        ' (', rule, '): build the month again; of what is issued find out who changed it, by `backup-billing verify`.'
    ) AS sentence
FROM wrong;
