-- What is missing to a commitment, of a month or of a term that ends in it: charges of the invoices that the
-- contract's customer stood on, after discounts. A term reads the charges of its earlier months as they stand.
WITH
due AS (
    SELECT due.*
    FROM billing.commitment_due AS due
    INNER JOIN ops.build_month AS build
        ON build.month = due.month
),
summed AS (
    SELECT
        due.month,
        due.contract_id,
        due.commitment_id,
        CAST(sum(charge.exact_amount) AS DECIMAL(37,15)) AS amount
    FROM due
    INNER JOIN billing.customer_terms AS terms
        ON terms.customer_id = due.customer_id
        AND terms.month >= due.begins
        AND terms.month <= due.month
    INNER JOIN billing.charge AS charge
        ON charge.month = terms.month
        AND charge.billed_customer_id = terms.billed_customer_id
        AND charge.currency = due.currency
        AND charge.kind <> 'commitment'
        AND (due.sku = '*' OR due.sku = charge.sku)
    GROUP BY ALL
),
missing AS (
    SELECT
        due.*,
        coalesce(summed.amount, 0) AS charged,
        CAST(due.amount - coalesce(summed.amount, 0) AS DECIMAL(37,15)) AS missing
    FROM due
    LEFT JOIN summed
        ON summed.month = due.month
        AND summed.contract_id = due.contract_id
        AND summed.commitment_id = due.commitment_id
)
SELECT
    md5(concat_ws(
        '|',
        'commitment',
        CAST(missing.month AS VARCHAR),
        missing.billed_customer_id,
        missing.contract_id,
        missing.commitment_id
    )) AS charge_line_id,
    missing.month,
    missing.billing_entity_id,
    missing.billed_customer_id,
    missing.customer_id,
    missing.currency,
    'commitment' AS kind,
    CASE missing.sku WHEN '*' THEN '' ELSE missing.sku END AS sku,
    '' AS dimension,
    0 AS tier_no,
    missing.begins AS service_period_start,
    missing.ends + 1 AS service_period_end,
    concat(
        missing.contract_name,
        ', what is missing to the commitment',
        CASE WHEN missing.sku = '*' THEN '' ELSE concat(' for ', sku.name) END,
        CASE WHEN missing.customer_id = missing.billed_customer_id THEN ''
            ELSE concat(', ', missing.customer_name)
        END
    ) AS description,
    concat(
        'commitment ',
        missing.commitment_id,
        ': ',
        billing.plain(missing.amount),
        ' ',
        missing.currency,
        ' a ',
        missing.period,
        ' less ',
        billing.plain(missing.charged)
    ) AS rule,
    CAST(1 AS DECIMAL(20,6)) AS quantity,
    'month' AS unit,
    missing.currency AS price_currency,
    missing.missing AS exact_amount,
    missing.contract_id,
    coalesce(sku.tax_class, 'standard') AS tax_class
FROM missing
LEFT JOIN reference.sku AS sku
    ON sku.sku = missing.sku
WHERE missing.missing > 0;
