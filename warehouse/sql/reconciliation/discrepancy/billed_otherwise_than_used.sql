-- What is billed is not what was used: usage that stands on no line, lines that nothing was used or agreed for,
-- and lines with another quantity. Lines of drafts and live invoices are held against usage records and the
-- prices that hold, by reconciliation.billed_usage; a difference that is booked as a restatement, waived or open
-- as one is not told again. Usage within what is included or at a price of 0 leaks nothing.
-- R-14: unbilled usage
-- R-15: quantity mismatch
-- R-16: billed without usage or contract
-- stops: issue
-- direction: each row
-- tolerance: amount 0, percent 0, count 0
-- guards: billing.invoice
-- vendors: all
-- source: reconciliation.billed_usage, reconciliation.live_line, reconciliation.restated, reference.contract_item
WITH
usage AS (
    SELECT
        *,
        CASE
            WHEN billed_amount IS NULL THEN 'R-14'
            WHEN used_quantity IS NULL THEN 'R-16'
            ELSE 'R-15'
        END AS code,
        CAST(coalesce(expected_amount, 0) - coalesce(billed_amount, 0) AS DECIMAL(37,15)) AS missing
    FROM reconciliation.billed_usage
    WHERE month IN (SELECT month FROM ops.build_month)
        AND NOT is_restated
        AND CASE
            WHEN billed_amount IS NULL THEN expected_amount <> 0
            ELSE expected_quantity IS DISTINCT FROM billed_quantity
        END
),
contract AS (
    SELECT line.*
    FROM reconciliation.live_line AS line
    INNER JOIN ops.build_month AS build
        ON build.month = line.month
    LEFT JOIN (SELECT DISTINCT contract_id, sku FROM reference.contract_item) AS item
        ON item.contract_id = line.contract_id
        AND item.sku = line.sku
    WHERE line.kind = 'contract'
        AND line.charge_class = ''
        AND item.contract_id IS NULL
        AND (line.month, line.billed_customer_id, line.customer_id, line.sku) NOT IN (
            SELECT (month, billed_customer_id, customer_id, sku)
            FROM reconciliation.restated
            WHERE is_learned OR is_settled
        )
)
SELECT
    code,
    month,
    billing_entity_id,
    billed_customer_id,
    customer_id,
    sku,
    concat_ws(' ', dimension, 'from', CAST(service_period_start AS VARCHAR)) AS subject,
    CASE WHEN missing >= 0 THEN 'leak' ELSE 'over_bill' END AS direction,
    unit,
    coalesce(expected_quantity, 0) AS expected,
    coalesce(billed_quantity, 0) AS actual,
    currency,
    abs(missing) AS amount,
    CASE code
        WHEN 'R-14' THEN concat(
            customer_id, ' used ', billing.plain(used_quantity), ' of ', sku, ' in ', strftime(month, '%Y-%m'), ', worth ',
            billing.plain(expected_amount), ' ', currency, ', and no line of its invoice bills it: build the month again, ',
            'or correct it when it is issued.'
        )
        WHEN 'R-16' THEN concat(
            customer_id, ' is billed ', billing.plain(billed_quantity), ' ', unit, ' of ', sku, ' for ',
            billing.plain(billed_amount), ' ', currency, ' in ', strftime(month, '%Y-%m'), ' on ', document,
            ', and has no usage of it: take the line off, or credit it.'
        )
        ELSE concat(
            customer_id, ' is billed ', billing.plain(billed_quantity), ' ', unit, ' of ', sku, ' from ',
            CAST(service_period_start AS VARCHAR), ' on ', document, ', where its usage comes to ',
            billing.plain(coalesce(expected_quantity, 0)), ': ', billing.plain(abs(missing)), ' ', currency,
            CASE WHEN missing >= 0 THEN ' too little' ELSE ' too much' END,
            '. Build the month again, or correct it when it is issued.'
        )
    END AS sentence
FROM usage
UNION ALL BY NAME
SELECT
    'R-16' AS code,
    month,
    billing_entity_id,
    billed_customer_id,
    customer_id,
    sku,
    concat_ws(' ', 'contract', contract_id, 'from', CAST(service_period_start AS VARCHAR)) AS subject,
    'over_bill' AS direction,
    unit,
    CAST(0 AS DECIMAL(20,6)) AS expected,
    quantity AS actual,
    currency,
    abs(exact_amount) AS amount,
    concat(
        customer_id, ' is billed ', billing.plain(amount), ' ', currency, ' for ', sku, ' on ', document,
        ' by contract ', coalesce(contract_id, 'of no name'), ', which has no such item: take the line off, or add ',
        'the item to contract_item.'
    ) AS sentence
FROM contract;
