-- The invoices that are not issued yet. They are made anew with every build, until one is issued.
-- grain: one billed customer of one billing entity in one currency and month
-- key: invoice_id
-- asset: no, a step on the way to others
-- source: billing.draft_line, billing.draft_tax, billing.free_usage, billing.customer_terms,
--     billing.document, reference.billing_entity
-- partition: month
-- rebuilds: month
-- units: the invoice's currency
-- rounding: none: sums of rounded amounts
CREATE TABLE IF NOT EXISTS billing.draft (
    invoice_id VARCHAR NOT NULL,
    billing_entity_id VARCHAR NOT NULL,
    billed_customer_id VARCHAR NOT NULL,
    billed_customer_name VARCHAR NOT NULL,
    currency VARCHAR NOT NULL,
    month DATE NOT NULL,
    period_start DATE NOT NULL,
    period_end DATE NOT NULL, -- the first day after it
    tax_id VARCHAR, -- of the customer
    po_number VARCHAR,
    payment_days INTEGER NOT NULL,
    margin_floor DECIMAL(7,4),
    lines INTEGER NOT NULL,
    net DECIMAL(18,4) NOT NULL,
    tax DECIMAL(18,4), -- null, as the total, while a line has no tax
    total DECIMAL(18,4),
    cost DECIMAL(37,15), -- null while the cost of some usage is not known
    margin DECIMAL(37,15),
    content_sha256 VARCHAR NOT NULL -- of all that the customer is to read: who reviews it vouches for this
);
WITH
summed AS (
    SELECT
        line.invoice_id,
        line.month,
        build.last_day,
        line.billing_entity_id,
        line.billed_customer_id,
        line.currency,
        CAST(count(*) AS INTEGER) AS lines,
        sum(line.amount) AS net,
        bool_and(line.tax_category IS NOT NULL) AS is_taxed,
        CASE WHEN NOT bool_or(
            line.kind IN ('usage', 'included', 'cost_plus', 'percentage', 'correction') AND line.cost_amount IS NULL
        ) THEN coalesce(sum(line.cost_amount), 0) END AS cost_of_lines,
        string_agg(
            concat_ws(
                chr(31),
                CAST(line.line_no AS VARCHAR),
                line.invoice_line_id,
                line.customer_id,
                line.sku,
                line.dimension,
                CAST(line.service_period_start AS VARCHAR),
                CAST(line.service_period_end AS VARCHAR),
                line.description,
                line.rule,
                coalesce(CAST(line.quantity AS VARCHAR), ''),
                coalesce(line.unit, ''),
                coalesce(CAST(line.unit_price AS VARCHAR), ''),
                coalesce(line.price_currency, ''),
                coalesce(CAST(line.fx_rate AS VARCHAR), ''),
                CAST(line.exact_amount AS VARCHAR),
                CAST(line.amount AS VARCHAR),
                coalesce(line.tax_category, ''),
                coalesce(CAST(line.tax_percent AS VARCHAR), ''),
                coalesce(CAST(line.restates_month AS VARCHAR), ''),
                coalesce(line.restates_number, ''),
                coalesce(CAST(line.days_expected AS VARCHAR), ''),
                coalesce(CAST(line.days_reported AS VARCHAR), ''),
                coalesce(CAST(line.days_filled AS VARCHAR), '')
            ),
            chr(30) ORDER BY line.line_no
        ) AS content
    FROM billing.draft_line AS line
    INNER JOIN ops.build_month AS build
        ON build.month = line.month
    GROUP BY
        line.invoice_id, line.month, build.last_day, line.billing_entity_id, line.billed_customer_id, line.currency
),
taxed AS (
    SELECT
        tax.invoice_id,
        sum(tax.tax) AS tax,
        string_agg(
            concat_ws(
                chr(31),
                tax.name,
                tax.category,
                CAST(tax.percent AS VARCHAR),
                coalesce(tax.exemption_reason, ''),
                CAST(tax.taxable AS VARCHAR),
                CAST(tax.tax AS VARCHAR)
            ),
            chr(30) ORDER BY tax.category, tax.percent
        ) AS content
    FROM billing.draft_tax AS tax
    INNER JOIN ops.build_month AS build
        ON build.month = tax.month
    GROUP BY tax.invoice_id
),
free AS (
    SELECT
        free.month,
        free.billing_entity_id,
        free.billed_customer_id,
        free.currency,
        CASE WHEN count(*) = count(free.cost) THEN sum(free.cost) END AS cost
    FROM billing.free_usage AS free
    INNER JOIN ops.build_month AS build
        ON build.month = free.month
    GROUP BY free.month, free.billing_entity_id, free.billed_customer_id, free.currency
),
-- Who left is still billed what is corrected, and keeps the name that its invoices had.
named AS (
    SELECT
        billed_customer_id,
        billed_customer_name,
        row_number() OVER (PARTITION BY billed_customer_id ORDER BY seq DESC) AS place
    FROM billing.document
),
whole AS (
    SELECT
        summed.*,
        summed.cost_of_lines + CASE WHEN free.month IS NULL THEN 0 ELSE free.cost END AS cost,
        coalesce(terms.billed_customer_name, named.billed_customer_name, summed.billed_customer_id)
            AS billed_customer_name,
        terms.tax_id,
        terms.po_number,
        coalesce(terms.payment_days, entity.payment_days) AS payment_days,
        coalesce(terms.margin_floor, entity.margin_floor) AS margin_floor,
        CASE WHEN summed.is_taxed THEN taxed.tax END AS tax,
        taxed.content AS tax_content
    FROM summed
    LEFT JOIN taxed
        ON taxed.invoice_id = summed.invoice_id
    LEFT JOIN free
        ON free.month = summed.month
        AND free.billing_entity_id = summed.billing_entity_id
        AND free.billed_customer_id = summed.billed_customer_id
        AND free.currency = summed.currency
    INNER JOIN reference.billing_entity AS entity
        ON entity.billing_entity_id = summed.billing_entity_id
    LEFT JOIN billing.customer_terms AS terms
        ON terms.month = summed.month
        AND terms.customer_id = summed.billed_customer_id
    LEFT JOIN named
        ON named.billed_customer_id = summed.billed_customer_id
        AND named.place = 1
)
SELECT
    invoice_id,
    billing_entity_id,
    billed_customer_id,
    billed_customer_name,
    currency,
    month,
    month AS period_start,
    CAST(last_day + INTERVAL 1 DAY AS DATE) AS period_end,
    tax_id,
    po_number,
    payment_days,
    margin_floor,
    lines,
    CAST(net AS DECIMAL(18,4)) AS net,
    CAST(tax AS DECIMAL(18,4)) AS tax,
    CAST(net + tax AS DECIMAL(18,4)) AS total,
    CAST(cost AS DECIMAL(37,15)) AS cost,
    CAST(net - cost AS DECIMAL(37,15)) AS margin,
    sha256(concat_ws(
        chr(29),
        billing_entity_id,
        billed_customer_id,
        billed_customer_name,
        currency,
        CAST(month AS VARCHAR),
        coalesce(tax_id, ''),
        coalesce(po_number, ''),
        coalesce(CAST(payment_days AS VARCHAR), ''),
        content,
        coalesce(tax_content, ''),
        CAST(net AS VARCHAR),
        coalesce(CAST(tax AS VARCHAR), '')
    )) AS content_sha256
FROM whole;
