-- What one customer is to pay for one month. A draft is built again every night until it is issued.
-- grain: one billed customer of one billing entity in one currency and month
-- key: invoice_id
-- source: billing.invoice_line, billing.invoice_tax, billing.customer_terms
-- partition: month
-- rebuilds: month
-- units: the invoice's currency
-- rounding: none: sums of rounded amounts
CREATE TABLE IF NOT EXISTS billing.invoice (
    invoice_id VARCHAR NOT NULL,
    number VARCHAR, -- given when it is issued
    status VARCHAR NOT NULL,
    billing_entity_id VARCHAR NOT NULL,
    billed_customer_id VARCHAR NOT NULL,
    billed_customer_name VARCHAR NOT NULL,
    currency VARCHAR NOT NULL,
    month DATE NOT NULL,
    period_start DATE NOT NULL,
    period_end DATE NOT NULL, -- the first day after it
    lines INTEGER NOT NULL,
    net DECIMAL(18,4) NOT NULL,
    tax DECIMAL(18,4) NOT NULL,
    total DECIMAL(18,4) NOT NULL
);
WITH
taxes AS (
    SELECT invoice_id, sum(tax) AS tax FROM billing.invoice_tax GROUP BY invoice_id
),
summed AS (
    SELECT
        line.invoice_id,
        line.month,
        line.billed_customer_id,
        line.currency,
        line.service_period_end,
        CAST(count(*) AS INTEGER) AS lines,
        sum(line.amount) AS net
    FROM billing.invoice_line AS line
    INNER JOIN ops.build_month AS build
        ON build.month = line.month
    GROUP BY ALL
)
SELECT
    summed.invoice_id,
    CAST(NULL AS VARCHAR) AS number,
    'draft' AS status,
    terms.billing_entity_id,
    summed.billed_customer_id,
    terms.billed_customer_name,
    summed.currency,
    summed.month,
    summed.month AS period_start,
    summed.service_period_end AS period_end,
    summed.lines,
    CAST(summed.net AS DECIMAL(18,4)) AS net,
    CAST(taxes.tax AS DECIMAL(18,4)) AS tax,
    CAST(summed.net + taxes.tax AS DECIMAL(18,4)) AS total
FROM summed
INNER JOIN billing.customer_terms AS terms
    ON terms.month = summed.month
    AND terms.customer_id = summed.billed_customer_id
INNER JOIN taxes
    ON taxes.invoice_id = summed.invoice_id;
