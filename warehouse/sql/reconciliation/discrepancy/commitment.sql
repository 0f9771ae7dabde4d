-- Commitments and minimum prices against what the invoice charges: a true-up that is missing, another than what
-- is missing to the commitment, or of a commitment that is not due. The lines themselves are added up. A
-- commitment over a term is due once, with the month in which it ends. Where one of its months was restated since
-- its true-up is restated with it, and is not asked again here.
-- R-36: commitment not made up, or made up wrongly
-- stops: no
-- direction: each row
-- tolerance: amount 0, percent 0, count 0
-- guards: billing.invoice
-- vendors: all
-- source: billing.commitment_due, billing.customer_terms, reconciliation.live_line, reconciliation.billed_usage,
--     reconciliation.restated, reference.currency
WITH
line AS (
    SELECT
        *,
        coalesce(restates_month, month) AS charged_month,
        CASE kind WHEN 'commitment' THEN regexp_extract(rule, '^commitment ([^:]+):', 1) END AS commitment_id
    FROM reconciliation.live_line
),
due AS (
    SELECT due.*
    FROM billing.commitment_due AS due
    INNER JOIN ops.build_month AS build
        ON build.month = due.month
),
-- The invoices that the contract's customer stood on, month by month.
stood AS (
    SELECT due.month, due.contract_id, due.commitment_id, terms.month AS charged_month, terms.billed_customer_id
    FROM due
    INNER JOIN billing.customer_terms AS terms
        ON terms.customer_id = due.customer_id
        AND terms.month >= due.begins
        AND terms.month <= due.month
),
restated AS (
    SELECT DISTINCT stood.month, stood.contract_id, stood.commitment_id
    FROM stood
    INNER JOIN reconciliation.restated AS restated
        ON restated.month = stood.charged_month
        AND restated.billed_customer_id = stood.billed_customer_id
),
charged AS (
    SELECT
        due.month,
        due.contract_id,
        due.commitment_id,
        sum(line.exact_amount) AS amount
    FROM due
    INNER JOIN stood
        ON stood.month = due.month
        AND stood.contract_id = due.contract_id
        AND stood.commitment_id = due.commitment_id
    INNER JOIN line
        ON line.charged_month = stood.charged_month
        AND line.billed_customer_id = stood.billed_customer_id
        AND line.currency = due.currency
        AND line.kind <> 'commitment'
        AND (due.sku = '*' OR due.sku = line.sku)
    GROUP BY due.month, due.contract_id, due.commitment_id
),
true_up AS (
    SELECT
        line.month,
        line.billing_entity_id,
        line.billed_customer_id,
        line.customer_id,
        line.currency,
        line.contract_id,
        line.commitment_id,
        min(line.document) AS document,
        bool_or(line.issue_date < line.service_period_end) AS is_early,
        sum(line.exact_amount) AS amount
    FROM line
    INNER JOIN ops.build_month AS build
        ON build.month = line.month
    WHERE line.kind = 'commitment'
    GROUP BY ALL
),
compared AS (
    SELECT
        coalesce(due.month, true_up.month) AS month,
        coalesce(due.billing_entity_id, true_up.billing_entity_id) AS billing_entity_id,
        coalesce(due.billed_customer_id, true_up.billed_customer_id) AS billed_customer_id,
        coalesce(due.customer_id, true_up.customer_id) AS customer_id,
        coalesce(due.currency, true_up.currency) AS currency,
        coalesce(due.contract_id, true_up.contract_id) AS contract_id,
        coalesce(due.commitment_id, true_up.commitment_id) AS commitment_id,
        coalesce(due.sku, '*') AS sku,
        due.amount AS committed,
        coalesce(charged.amount, 0) AS charged,
        greatest(coalesce(due.amount - coalesce(charged.amount, 0), 0), 0) AS missing,
        coalesce(true_up.amount, 0) AS made_up,
        coalesce(true_up.is_early, false) AS is_early,
        restated.month IS NOT NULL AS is_restated
    FROM due
    LEFT JOIN charged
        ON charged.month = due.month
        AND charged.contract_id = due.contract_id
        AND charged.commitment_id = due.commitment_id
    LEFT JOIN restated
        ON restated.month = due.month
        AND restated.contract_id = due.contract_id
        AND restated.commitment_id = due.commitment_id
    FULL JOIN true_up
        ON true_up.month = due.month
        AND true_up.billed_customer_id = due.billed_customer_id
        AND true_up.contract_id = due.contract_id
        AND true_up.commitment_id = due.commitment_id
),
minimum AS (
    SELECT
        usage.month,
        usage.billing_entity_id,
        usage.billed_customer_id,
        usage.customer_id,
        usage.currency,
        usage.sku,
        usage.dimension,
        usage.least_amount,
        coalesce(sum(line.exact_amount), 0) AS charged,
        coalesce(sum(line.exact_amount) FILTER (WHERE line.kind = 'minimum'), 0) AS made_up,
        coalesce(min(line.document), 'the draft') AS document
    FROM (
        SELECT DISTINCT
            month, billing_entity_id, billed_customer_id, customer_id, currency, sku, dimension, least_amount
        FROM reconciliation.billed_usage
        WHERE month IN (SELECT month FROM ops.build_month)
            AND least_amount IS NOT NULL
            AND used_quantity >= 0
            AND NOT is_restated
    ) AS usage
    LEFT JOIN reconciliation.live_line AS line
        ON line.month = usage.month
        AND line.billing_entity_id = usage.billing_entity_id
        AND line.billed_customer_id = usage.billed_customer_id
        AND line.currency = usage.currency
        AND line.customer_id = usage.customer_id
        AND line.sku = usage.sku
        AND line.dimension = usage.dimension
        AND line.kind IN ('usage', 'included', 'cost_plus', 'percentage', 'minimum')
        AND line.charge_class = ''
    GROUP BY ALL
)
SELECT
    'R-36' AS code,
    compared.month,
    compared.billing_entity_id,
    compared.billed_customer_id,
    compared.customer_id,
    CASE compared.sku WHEN '*' THEN NULL ELSE compared.sku END AS sku,
    concat_ws(' ', 'commitment', compared.commitment_id, 'of contract', compared.contract_id) AS subject,
    CASE WHEN compared.made_up < compared.missing THEN 'leak' ELSE 'over_bill' END AS direction,
    compared.currency AS unit,
    compared.missing AS expected,
    compared.made_up AS actual,
    compared.currency,
    CASE WHEN compared.is_early THEN compared.made_up ELSE abs(compared.missing - compared.made_up) END AS amount,
    concat(
        'Commitment ', compared.commitment_id, ' of contract ', compared.contract_id, ' with ', compared.customer_id,
        CASE
            WHEN compared.committed IS NULL
                THEN concat(' is not due in ', strftime(compared.month, '%Y-%m'), ', and its invoice charges ')
            WHEN compared.is_early THEN ' is charged before its time is over: the invoice has '
            ELSE concat(
                ' is ', billing.plain(compared.committed), ' ', compared.currency, ', its charges come to ',
                billing.plain(compared.charged), ', and the invoice makes up '
            )
        END,
        billing.plain(compared.made_up), ' ', compared.currency,
        ': build the month again, or correct it when it is issued.'
    ) AS sentence
FROM compared
INNER JOIN reference.currency AS currency
    ON currency.currency = compared.currency
WHERE NOT compared.is_restated
    AND (compared.is_early OR abs(compared.missing - compared.made_up) >= currency.minor_unit)
UNION ALL BY NAME
SELECT
    'R-36' AS code,
    minimum.month,
    minimum.billing_entity_id,
    minimum.billed_customer_id,
    minimum.customer_id,
    minimum.sku,
    concat_ws(' ', 'minimum', minimum.dimension) AS subject,
    CASE WHEN minimum.charged < minimum.least_amount THEN 'leak' ELSE 'over_bill' END AS direction,
    minimum.currency AS unit,
    minimum.least_amount AS expected,
    minimum.charged AS actual,
    minimum.currency,
    CASE WHEN minimum.charged < minimum.least_amount THEN minimum.least_amount - minimum.charged
        ELSE least(minimum.charged - minimum.least_amount, minimum.made_up)
    END AS amount,
    concat(
        minimum.customer_id, ' is billed ', billing.plain(minimum.charged), ' ', minimum.currency, ' for ', minimum.sku,
        ' on ', minimum.document, ', whose price has a minimum of ', billing.plain(minimum.least_amount),
        ': build the month again, or correct it when it is issued.'
    ) AS sentence
FROM minimum
INNER JOIN reference.currency AS currency
    ON currency.currency = minimum.currency
-- What comes to less than nothing is left alone.
WHERE (minimum.charged >= 0 AND minimum.charged <= minimum.least_amount - currency.minor_unit)
    OR (minimum.made_up > 0 AND minimum.charged >= minimum.least_amount + currency.minor_unit);
