-- Both sides of what is not as it was billed, in the months that something was issued for or that are closed:
-- the charges as they are rated now, what the month's own invoice billed, and what correction lines on later
-- ones billed of it.
-- grain: one customer, SKU, dimension and tax class on the invoices of one billed customer, for one month
-- key: restatement_id
-- asset: no, a step on the way to others
-- source: billing.charge, billing.live_invoice, billing.document_line, billing.period,
--     billing.restatement_waiver
-- units: the invoice's currency
CREATE OR REPLACE VIEW billing.settlement AS
WITH
issued AS (
    SELECT
        invoice.billing_entity_id,
        invoice.billed_customer_id,
        invoice.currency,
        coalesce(line.restates_month, line.month) AS restates_month,
        CASE WHEN line.restates_month IS NULL THEN 'billed' ELSE 'corrected' END AS side,
        line.customer_id,
        line.sku,
        line.dimension,
        line.tax_class,
        line.service_period_start,
        line.service_period_end,
        line.kind,
        line.quantity,
        line.exact_amount,
        line.cost_amount
    FROM billing.live_invoice AS invoice
    INNER JOIN billing.document_line AS line
        ON line.document_id = invoice.document_id
),
-- The months of customers in which a difference can be.
touched AS (
    SELECT billing_entity_id, billed_customer_id, currency, restates_month FROM issued
    UNION
    SELECT billing_entity_id, billed_customer_id, currency, month AS restates_month FROM billing.live_invoice
    UNION
    SELECT billing_entity_id, billed_customer_id, currency, restates_month FROM billing.restatement_waiver
),
rated AS (
    SELECT
        charge.billing_entity_id,
        charge.billed_customer_id,
        charge.currency,
        charge.month AS restates_month,
        'rated' AS side,
        charge.customer_id,
        charge.sku,
        charge.dimension,
        charge.tax_class,
        charge.service_period_start,
        charge.service_period_end,
        charge.kind,
        charge.quantity,
        charge.exact_amount,
        charge.cost_amount
    FROM billing.charge AS charge
    LEFT JOIN touched
        ON touched.billing_entity_id = charge.billing_entity_id
        AND touched.billed_customer_id = charge.billed_customer_id
        AND touched.currency = charge.currency
        AND touched.restates_month = charge.month
    LEFT JOIN billing.period AS period
        ON period.billing_entity_id = charge.billing_entity_id
        AND period.month = charge.month
        AND period.status = 'Closed'
    WHERE (touched.restates_month IS NOT NULL OR period.month IS NOT NULL)
        AND (charge.exact_amount <> 0 OR charge.kind = 'included') -- as on an invoice
),
-- A waiver outlives the charges that it was about.
waived AS (
    SELECT
        billing_entity_id,
        billed_customer_id,
        currency,
        restates_month,
        'waived' AS side,
        customer_id,
        sku,
        dimension,
        tax_class,
        service_period_start,
        service_period_end,
        '' AS kind,
        CAST(NULL AS DECIMAL(20,6)) AS quantity,
        CAST(0 AS DECIMAL(37,15)) AS exact_amount,
        CAST(0 AS DECIMAL(37,15)) AS cost_amount
    FROM billing.restatement_waiver
),
amount AS (
    SELECT * FROM rated
    UNION ALL
    SELECT * FROM issued
    UNION ALL
    SELECT * FROM waived
),
-- Almost everything is rated as it was billed, and of no further interest.
changed AS (
    SELECT
        billing_entity_id, billed_customer_id, currency, restates_month, customer_id, sku, dimension, tax_class
    FROM amount
    GROUP BY
        billing_entity_id, billed_customer_id, currency, restates_month, customer_id, sku, dimension, tax_class
    HAVING sum(CASE side WHEN 'rated' THEN exact_amount ELSE -exact_amount END) <> 0
        OR bool_or(side IN ('corrected', 'waived'))
),
-- Where a price changes inside a month, each of its prices has the quantity of the whole month.
by_price AS (
    SELECT
        amount.billing_entity_id,
        amount.billed_customer_id,
        amount.currency,
        amount.restates_month,
        amount.customer_id,
        amount.sku,
        amount.dimension,
        amount.tax_class,
        amount.side,
        min(amount.service_period_start) AS service_period_start,
        max(amount.service_period_end) AS service_period_end,
        sum(amount.quantity) FILTER (WHERE amount.kind IN ('usage', 'included', 'cost_plus', 'correction')) AS quantity,
        sum(amount.exact_amount) AS exact_amount,
        sum(amount.cost_amount) AS cost_amount,
        bool_or(
            amount.kind IN ('usage', 'included', 'cost_plus', 'percentage', 'correction')
            AND amount.cost_amount IS NULL
        ) AS cost_unknown
    FROM amount
    INNER JOIN changed
        ON changed.billing_entity_id = amount.billing_entity_id
        AND changed.billed_customer_id = amount.billed_customer_id
        AND changed.currency = amount.currency
        AND changed.restates_month = amount.restates_month
        AND changed.customer_id = amount.customer_id
        AND changed.sku = amount.sku
        AND changed.dimension = amount.dimension
        AND changed.tax_class = amount.tax_class
    GROUP BY
        amount.billing_entity_id, amount.billed_customer_id, amount.currency, amount.restates_month,
        amount.customer_id, amount.sku, amount.dimension, amount.tax_class, amount.side,
        CASE amount.side WHEN 'corrected' THEN amount.restates_month ELSE amount.service_period_start END
)
SELECT
    billing_entity_id,
    billed_customer_id,
    currency,
    restates_month,
    customer_id,
    sku,
    dimension,
    tax_class,
    md5(concat_ws(
        '|', 'restatement', CAST(restates_month AS VARCHAR), billing_entity_id, billed_customer_id, currency,
        customer_id, sku, dimension, tax_class
    )) AS restatement_id,
    min(service_period_start) AS service_period_start,
    max(service_period_end) AS service_period_end,
    count(*) FILTER (WHERE side = 'rated') AS rated_rows,
    count(*) FILTER (WHERE side = 'billed') AS issued_rows,
    count(*) FILTER (WHERE side = 'corrected') AS corrected_rows,
    CAST(max(quantity) FILTER (WHERE side = 'rated') AS DECIMAL(20,6)) AS rated_quantity,
    CAST(max(quantity) FILTER (WHERE side = 'billed') AS DECIMAL(20,6)) AS issued_quantity,
    CAST(max(quantity) FILTER (WHERE side = 'corrected') AS DECIMAL(20,6)) AS corrected_quantity,
    coalesce(sum(exact_amount) FILTER (WHERE side = 'rated'), 0) AS rated_amount,
    coalesce(sum(exact_amount) FILTER (WHERE side = 'billed'), 0) AS issued_amount,
    coalesce(sum(exact_amount) FILTER (WHERE side = 'corrected'), 0) AS corrected_amount,
    coalesce(sum(cost_amount) FILTER (WHERE side = 'rated'), 0) AS rated_cost,
    coalesce(sum(cost_amount) FILTER (WHERE side = 'billed'), 0) AS issued_cost,
    coalesce(sum(cost_amount) FILTER (WHERE side = 'corrected'), 0) AS corrected_cost,
    bool_or(cost_unknown) AS cost_unknown
FROM by_price
GROUP BY ALL;
