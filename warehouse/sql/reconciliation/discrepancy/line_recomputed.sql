-- Lines of drafts and issued documents whose stored amount is not what their own quantity, price and rule give,
-- or whose cents are not their exact amount's. Each kind of line is worked out by the rule that it prints: usage
-- and contract items from quantity, price and share of the month; percentages, cost plus, discounts, minimum,
-- maximum and commitments from the figures in the rule; corrections from what was rated and billed. Rating a
-- month anew from its readings is `backup-billing verify`; lines of credit notes are held against their invoice
-- by R-45.
-- R-28: line is not what its own figures give
-- stops: issue
-- direction: each row
-- tolerance: amount 0, percent 0, count 0
-- guards: billing.invoice_line
-- vendors: all
-- source: reconciliation.live_line, reference.currency
WITH
read AS (
    SELECT
        line.*,
        currency.minor_unit,
        regexp_extract(line.rule, '^[^:]*: (-?[0-9.]+)', 1) AS first_text,
        regexp_extract(line.rule, ' (?:of|against|less|plus) (-?[0-9.]+)', 1) AS second_text,
        regexp_extract(line.rule, '\. (-?[0-9.]+) less (-?[0-9.]+)', 1) AS rated_text,
        regexp_extract(line.rule, '\. (-?[0-9.]+) less (-?[0-9.]+)', 2) AS billed_text,
        regexp_extract(line.rule, ' and (-?[0-9.]+) waived', 1) AS waived_text,
        regexp_extract(line.rule, '; (\d+) of (\d+) (?:days|hours|minutes)', 1) AS part_text,
        regexp_extract(line.rule, '; (\d+) of (\d+) (?:days|hours|minutes)', 2) AS whole_text
    FROM reconciliation.live_line AS line
    INNER JOIN ops.build_month AS build
        ON build.month = line.month
    INNER JOIN reference.currency AS currency
        ON currency.currency = line.currency
),
figured AS (
    SELECT
        *,
        TRY_CAST(first_text AS DECIMAL(37,15)) AS first_figure,
        TRY_CAST(second_text AS DECIMAL(37,15)) AS second_figure,
        CASE WHEN part_text = '' THEN 1 ELSE CAST(part_text AS INTEGER) END AS part,
        CASE WHEN part_text = '' THEN 1 ELSE CAST(whole_text AS INTEGER) END AS whole,
        TRY_CAST(rated_text AS DECIMAL(37,15)) - TRY_CAST(billed_text AS DECIMAL(37,15))
        - coalesce(TRY_CAST(waived_text AS DECIMAL(37,15)), 0) AS corrected
    FROM read
),
priced AS (
    SELECT
        *,
        CASE
            WHEN kind IN ('usage', 'included', 'contract')
                THEN CAST(quantity AS DECIMAL(20,6)) * CAST(unit_price AS DECIMAL(17,9))
            WHEN kind = 'percentage' THEN billing.percent(second_figure, CAST(first_figure AS DECIMAL(7,4)))
            WHEN kind = 'cost_plus'
                THEN first_figure + billing.percent(first_figure, CAST(second_figure AS DECIMAL(7,4)))
            WHEN kind = 'discount' THEN -billing.percent(second_figure, CAST(first_figure AS DECIMAL(7,4)))
            WHEN kind IN ('minimum', 'maximum', 'commitment') THEN first_figure - second_figure
            WHEN kind = 'correction' THEN corrected
        END AS month_amount
    FROM figured
),
weighted AS (
    SELECT *, billing.shared(CAST(month_amount AS DECIMAL(37,15)), part, whole) AS price_amount
    FROM priced
    WHERE month_amount IS NOT NULL
),
recomputed AS (
    SELECT
        *,
        CASE
            WHEN fx_rate IS NULL OR kind = 'correction' THEN price_amount
            ELSE billing.converted(price_amount, fx_rate)
        END AS own_amount
    FROM weighted
),
wrong AS (
    -- Two sides of a minimum are each rounded where the line prints them, so the last decimals may differ.
    SELECT *, 'amount' AS what, exact_amount AS stored, own_amount AS figured
    FROM recomputed
    WHERE abs(exact_amount - own_amount) > 0.000000000100000
    UNION ALL BY NAME
    SELECT *, 'cents' AS what, CAST(amount AS DECIMAL(37,15)) AS stored, exact_amount AS figured
    FROM read
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
    CASE WHEN stored < figured THEN 'leak' ELSE 'over_bill' END AS direction,
    currency AS unit,
    figured AS expected,
    stored AS actual,
    currency,
    abs(stored - figured) AS amount,
    concat(
        'Line ', CAST(line_no AS VARCHAR), ' of ', document, ' for ', customer_id, ' has ', billing.plain(stored), ' ', currency,
        CASE what WHEN 'cents' THEN ', and its exact amount is ' ELSE ', and its own figures give ' END,
        billing.plain(figured), ' (', rule,
        '): build the month again; of what is issued find out who changed it, by `backup-billing verify`.'
    ) AS sentence
FROM wrong;
