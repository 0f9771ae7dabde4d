-- What a tax is taken of is not the sum of the lines with its category and percent.
SELECT
    coalesce(line.invoice_id, tax.invoice_id) AS invoice_id,
    coalesce(line.category, tax.category) AS category,
    coalesce(line.percent, tax.percent) AS percent,
    line.amount,
    tax.taxable
FROM (
    SELECT line.invoice_id, line.tax_category AS category, line.tax_percent AS percent, sum(line.amount) AS amount
    FROM billing.invoice_line AS line
    INNER JOIN ops.build_month AS build
        ON build.month = line.month
    WHERE line.tax_category IS NOT NULL
    GROUP BY line.invoice_id, line.tax_category, line.tax_percent
) AS line
FULL JOIN (
    SELECT tax.invoice_id, tax.category, tax.percent, tax.taxable
    FROM billing.invoice_tax AS tax
    INNER JOIN ops.build_month AS build
        ON build.month = tax.month
) AS tax
    ON tax.invoice_id = line.invoice_id
    AND tax.category = line.category
    AND tax.percent = line.percent
WHERE tax.taxable IS DISTINCT FROM line.amount;
