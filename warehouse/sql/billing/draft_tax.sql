-- The tax of the invoices that are not issued yet, once for each category and rate over the sum of their
-- lines, never by line. Lines that nobody says how to tax have none.
-- grain: one category and rate on one draft
-- key: invoice_id, category, percent
-- asset: no, a step on the way to others
-- source: billing.draft_line, reference.currency
-- partition: month
-- rebuilds: month
-- units: the invoice's currency
-- rounding: half away from zero to the currency's smallest unit
CREATE TABLE IF NOT EXISTS billing.draft_tax (
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
taxed AS (
    SELECT
        line.invoice_id,
        line.month,
        min(line.tax_code) AS tax_code,
        min(line.tax_name) AS name,
        line.tax_category AS category,
        line.tax_percent AS percent,
        min(line.exemption_reason) AS exemption_reason,
        line.currency,
        currency.minor_unit,
        CAST(sum(line.amount) AS DECIMAL(18,4)) AS taxable
    FROM billing.draft_line AS line
    INNER JOIN ops.build_month AS build
        ON build.month = line.month
    INNER JOIN reference.currency AS currency
        ON currency.currency = line.currency
    WHERE line.tax_category IS NOT NULL
    GROUP BY
        line.invoice_id, line.month, line.tax_category, line.tax_percent, line.currency, currency.minor_unit
),
-- In whole numbers: of 10^-10, for amounts have four decimals, rates four, and percent two.
fine AS (
    SELECT
        *,
        CAST(CAST(taxable AS DECIMAL(18,4)) * CAST(10000 AS DECIMAL(19,0)) AS HUGEINT)
        * CAST(CAST(percent AS DECIMAL(7,4)) * CAST(10000 AS DECIMAL(19,0)) AS HUGEINT) AS fine_tax,
        CAST(CAST(minor_unit AS DECIMAL(5,4)) * CAST(10000000000 AS DECIMAL(19,0)) AS HUGEINT) AS fine_unit
    FROM taxed
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
    CAST(
        CAST(billing.half(fine_tax, fine_unit) AS DECIMAL(19,0)) * CAST(minor_unit AS DECIMAL(5,4))
        AS DECIMAL(18,4)
    ) AS tax
FROM fine;
