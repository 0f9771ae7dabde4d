-- The tax of a draft invoice, once for each category and rate over the sum of its lines, never by line.
-- grain: one category and rate on one invoice
-- key: invoice_id, category, percent
-- source: billing.invoice_line, billing.customer_terms, reference.tax_rate, reference.currency
-- partition: month
-- rebuilds: month
-- units: the invoice's currency
-- rounding: half away from zero to the currency's smallest unit
CREATE TABLE IF NOT EXISTS billing.invoice_tax (
    invoice_id VARCHAR NOT NULL,
    month DATE NOT NULL,
    tax_code VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    category VARCHAR NOT NULL, -- EN 16931: S, Z, E, AE, K, G, O
    percent DECIMAL(7,4) NOT NULL,
    exemption_reason VARCHAR,
    currency VARCHAR NOT NULL,
    taxable DECIMAL(18,4) NOT NULL,
    tax DECIMAL(18,4) NOT NULL
);
WITH
dated AS (
    SELECT
        build.month,
        rate.*,
        row_number() OVER (PARTITION BY build.month, rate.tax_code ORDER BY rate.valid_from DESC) AS place
    FROM reference.tax_rate AS rate
    INNER JOIN ops.build_month AS build
        ON rate.valid_from <= build.last_day
        AND (rate.valid_to IS NULL OR rate.valid_to > build.month)
),
taxed AS (
    SELECT
        line.invoice_id,
        line.month,
        line.currency,
        rate.tax_code,
        rate.name,
        rate.category,
        rate.percent,
        rate.exemption_reason,
        currency.minor_unit,
        CAST(sum(line.amount) AS DECIMAL(18,4)) AS taxable
    FROM billing.invoice_line AS line
    INNER JOIN billing.customer_terms AS terms
        ON terms.month = line.month
        AND terms.customer_id = line.billed_customer_id
    INNER JOIN dated AS rate
        ON rate.month = line.month
        AND rate.tax_code = terms.tax_code
        AND rate.place = 1
    INNER JOIN reference.currency AS currency
        ON currency.currency = line.currency
    GROUP BY ALL
),
-- In whole numbers: of 10^-10, for amounts have four decimals, rates four, and percent two.
fine AS (
    SELECT
        *,
        CAST(CAST(taxable AS DECIMAL(18,4)) * CAST(10000 AS DECIMAL(19,0)) AS HUGEINT)
        * CAST(CAST(percent AS DECIMAL(7,4)) * CAST(10000 AS DECIMAL(19,0)) AS HUGEINT) AS fine_tax,
        CAST(CAST(minor_unit AS DECIMAL(5,4)) * CAST(10000000000 AS DECIMAL(19,0)) AS HUGEINT) AS fine_unit
    FROM taxed
),
rounded AS (
    SELECT
        *,
        CAST(sign(fine_tax) AS HUGEINT)
        * CAST((abs(fine_tax) + abs(fine_tax) + fine_unit) // (fine_unit + fine_unit) AS HUGEINT) AS units
    FROM fine
)
SELECT
    invoice_id,
    month,
    tax_code,
    name,
    category,
    percent,
    exemption_reason,
    currency,
    taxable,
    CAST(CAST(units AS DECIMAL(19,0)) * CAST(minor_unit AS DECIMAL(5,4)) AS DECIMAL(18,4)) AS tax
FROM rounded;
