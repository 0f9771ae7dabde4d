-- Drafts whose margin is below the floor of their billing entity, or not known where there is a floor; and within
-- a draft that is above it, a SKU of one customer that is below. Of a SKU all lines count, what is included and
-- what is taken off too; what is charged at nothing is not asked for a margin of its own.
-- R-29: margin below floor
-- stops: issue
-- direction: leak
-- tolerance: amount 0, percent 0, count 0
-- guards: billing.margin
-- vendors: all
-- source: billing.draft, billing.draft_line
WITH
floored AS (
    SELECT
        draft.*,
        -- In whole numbers of 10^-15, as the margin.
        CAST(CAST(draft.net AS DECIMAL(18,4)) * CAST(10000 AS DECIMAL(19,0)) AS HUGEINT)
        * CAST(
            CAST(CAST(draft.margin_floor AS DECIMAL(7,4)) * CAST(10000 AS DECIMAL(19,0)) AS HUGEINT)
            * CAST(100000 AS HUGEINT) AS HUGEINT
        ) AS fine_floor
    FROM billing.draft AS draft
    INNER JOIN ops.build_month AS build
        ON build.month = draft.month
    WHERE draft.net >= 0
        AND draft.margin_floor IS NOT NULL
),
judged AS (
    SELECT *, coalesce(billing.fine(margin) < fine_floor, true) AS is_below FROM floored
),
sold AS (
    SELECT
        judged.month,
        judged.billing_entity_id,
        judged.billed_customer_id,
        judged.billed_customer_name,
        judged.currency,
        judged.margin_floor,
        line.customer_id,
        line.sku,
        sum(line.exact_amount) AS net,
        sum(line.exact_amount) - sum(line.cost_amount) AS margin
    FROM judged
    INNER JOIN billing.draft_line AS line
        ON line.invoice_id = judged.invoice_id
        AND line.month = judged.month
    WHERE NOT judged.is_below
        AND line.charge_class = ''
    GROUP BY ALL
),
thin AS (
    SELECT *
    FROM sold
    WHERE net > 0
        AND margin < billing.percent(CAST(net AS DECIMAL(37,15)), margin_floor)
)
SELECT
    'R-29' AS code,
    judged.month,
    judged.billing_entity_id,
    judged.billed_customer_id,
    judged.currency AS unit,
    judged.margin AS actual,
    judged.currency,
    judged.net AS amount,
    concat(
        'The invoice of ', judged.billed_customer_name, ' leaves ',
        CASE WHEN judged.margin IS NULL THEN 'a margin that is not known'
            ELSE concat(billing.plain(judged.margin), ' ', judged.currency, ' of ', billing.plain(judged.net))
        END,
        ', and less than ', billing.plain(judged.margin_floor), ' % is not to be issued: ',
        CASE WHEN judged.margin IS NULL THEN 'complete vendor_terms and the cost cards'
            ELSE 'look at its prices and costs'
        END,
        ', or change margin_floor in billing_entity.'
    ) AS sentence
FROM judged
WHERE judged.is_below
UNION ALL BY NAME
SELECT
    'R-29' AS code,
    thin.month,
    thin.billing_entity_id,
    thin.billed_customer_id,
    thin.customer_id,
    thin.sku,
    thin.currency AS unit,
    thin.margin AS actual,
    thin.currency,
    thin.net AS amount,
    concat(
        thin.sku, ' for ', thin.customer_id, ' leaves ', billing.plain(thin.margin), ' ', thin.currency, ' of ',
        billing.plain(thin.net), ' on the invoice of ', thin.billed_customer_name, ', less than ',
        billing.plain(thin.margin_floor), ' %: look at its price and cost, or change margin_floor in billing_entity.'
    ) AS sentence
FROM thin;
