-- Lines that nothing says how to tax, reverse charge without the customer's VAT number, and taxes that are not
-- their percentage of the lines they are taken of.
-- R-42: no tax treatment
-- stops: issue
-- direction: each row
-- tolerance: amount 0, percent 0, count 0
-- guards: billing.invoice
-- vendors: all
-- source: billing.draft, billing.draft_line, billing.draft_tax, billing.document, billing.document_line,
--     billing.document_tax, billing.customer_terms, reference.currency
WITH
untaxed AS (
    SELECT
        line.invoice_id,
        coalesce(line.restates_month, line.month) AS taxed_month,
        line.tax_class,
        count(*) AS lines,
        sum(line.amount) AS amount
    FROM billing.draft_line AS line
    INNER JOIN ops.build_month AS build
        ON build.month = line.month
    WHERE line.tax_category IS NULL
    GROUP BY line.invoice_id, coalesce(line.restates_month, line.month), line.tax_class
),
reversed AS (
    SELECT DISTINCT invoice_id FROM billing.draft_tax WHERE category = 'AE'
),
document AS (
    SELECT
        invoice_id, month, billing_entity_id, billed_customer_id, currency,
        concat('the draft for ', billed_customer_id) AS name,
        true AS is_invoice
    FROM billing.draft
    UNION ALL
    SELECT
        document_id AS invoice_id, month, billing_entity_id, billed_customer_id, currency,
        concat(CASE kind WHEN 'credit_note' THEN 'credit note ' ELSE 'invoice ' END, number) AS name,
        kind = 'invoice' AS is_invoice
    FROM billing.document
),
built AS (
    SELECT document.*, currency.minor_unit
    FROM document
    INNER JOIN ops.build_month AS build
        ON build.month = document.month
    INNER JOIN reference.currency AS currency
        ON currency.currency = document.currency
),
line AS (
    SELECT invoice_id, tax_category AS category, tax_percent AS percent, sum(amount) AS amount
    FROM (
        SELECT invoice_id, month, tax_category, tax_percent, amount FROM billing.draft_line
        UNION ALL
        SELECT document_id AS invoice_id, month, tax_category, tax_percent, amount FROM billing.document_line
    ) AS line
    INNER JOIN ops.build_month AS build
        ON build.month = line.month
    WHERE tax_category IS NOT NULL
    GROUP BY invoice_id, tax_category, tax_percent
),
tax AS (
    SELECT invoice_id, category, percent, taxable, tax FROM billing.draft_tax
    UNION ALL
    SELECT document_id AS invoice_id, category, percent, taxable, tax FROM billing.document_tax
),
taxed AS (
    SELECT
        built.*,
        coalesce(tax.category, line.category) AS category,
        coalesce(tax.percent, line.percent) AS percent,
        coalesce(tax.taxable, 0) AS taxable,
        coalesce(tax.tax, 0) AS tax,
        CAST(coalesce(line.amount, 0) AS DECIMAL(18,4)) AS of_lines
    FROM line
    FULL JOIN tax
        ON tax.invoice_id = line.invoice_id
        AND tax.category = line.category
        AND tax.percent = line.percent
    INNER JOIN built
        ON built.invoice_id = coalesce(line.invoice_id, tax.invoice_id)
),
-- In whole numbers: of 10^-10, for amounts have four decimals, rates four, and percent two.
fine AS (
    SELECT
        *,
        CAST(CAST(of_lines AS DECIMAL(18,4)) * CAST(10000 AS DECIMAL(19,0)) AS HUGEINT)
        * CAST(CAST(percent AS DECIMAL(7,4)) * CAST(10000 AS DECIMAL(19,0)) AS HUGEINT) AS fine_tax,
        CAST(CAST(minor_unit AS DECIMAL(5,4)) * CAST(10000000000 AS DECIMAL(19,0)) AS HUGEINT) AS fine_unit
    FROM taxed
),
due AS (
    SELECT
        *,
        CAST(
            CAST(billing.half(fine_tax, fine_unit) AS DECIMAL(19,0)) * CAST(minor_unit AS DECIMAL(5,4))
            AS DECIMAL(18,4)
        ) AS due_tax
    FROM fine
)
SELECT
    'R-42' AS code,
    draft.month,
    draft.billing_entity_id,
    draft.billed_customer_id,
    concat_ws(' ', 'class', untaxed.tax_class, CAST(untaxed.taxed_month AS VARCHAR)) AS subject,
    'control' AS direction,
    draft.currency,
    abs(untaxed.amount) AS amount,
    concat(
        'The invoice of ', draft.billed_customer_name, ' has ', CAST(untaxed.lines AS VARCHAR),
        CASE untaxed.lines WHEN 1 THEN ' line' ELSE ' lines' END, ' of tax class ', untaxed.tax_class,
        ' that nothing says how to tax: ',
        CASE WHEN terms.tax_code IS NULL
            THEN concat('give the customer terms in ', strftime(untaxed.taxed_month, '%Y-%m'))
            ELSE concat('add tax code ', terms.tax_code, ' with this class, or with *, to tax_rate')
        END,
        '.'
    ) AS sentence
FROM untaxed
INNER JOIN billing.draft AS draft
    ON draft.invoice_id = untaxed.invoice_id
LEFT JOIN billing.customer_terms AS terms
    ON terms.month = untaxed.taxed_month
    AND terms.customer_id = draft.billed_customer_id
UNION ALL BY NAME
SELECT
    'R-42' AS code,
    draft.month,
    draft.billing_entity_id,
    draft.billed_customer_id,
    'tax id' AS subject,
    'control' AS direction,
    draft.currency,
    abs(draft.total) AS amount,
    concat(
        'The invoice of ', draft.billed_customer_name,
        ' is taxed by reverse charge, which needs its VAT number: add tax_id to customer.'
    ) AS sentence
FROM billing.draft AS draft
INNER JOIN ops.build_month AS build
    ON build.month = draft.month
INNER JOIN reversed
    ON reversed.invoice_id = draft.invoice_id
WHERE draft.tax_id IS NULL
UNION ALL BY NAME
SELECT
    'R-42' AS code,
    month,
    billing_entity_id,
    billed_customer_id,
    concat(name, ': ', category, ' ', billing.plain(percent), ' %') AS subject,
    CASE WHEN tax < due_tax THEN 'leak' ELSE 'over_bill' END AS direction,
    currency AS unit,
    due_tax AS expected,
    tax AS actual,
    currency,
    abs(due_tax - tax) AS amount,
    concat(
        upper(substr(name, 1, 1)), substr(name, 2), ' has ', billing.plain(tax), ' ', currency, ' of tax ', category, ' at ',
        billing.plain(percent), ' % of ', billing.plain(taxable), ', and its lines come to ', billing.plain(of_lines),
        ', of which it is ', billing.plain(due_tax),
        ': build the month again; of what is issued find out who changed it, by `backup-billing verify`.'
    ) AS sentence
FROM due
-- The tax of a credit note is what the invoice's leaves.
WHERE (is_invoice AND tax <> due_tax)
    OR taxable <> of_lines;
