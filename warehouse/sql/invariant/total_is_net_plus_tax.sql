-- The total of an invoice is not its net plus its taxes.
SELECT invoice.invoice_id, invoice.net, invoice.tax, invoice.total, sum(tax.tax) AS taxes
FROM billing.invoice AS invoice
INNER JOIN ops.build_month AS build
    ON build.month = invoice.month
LEFT JOIN billing.invoice_tax AS tax
    ON tax.invoice_id = invoice.invoice_id
WHERE invoice.tax IS NOT NULL
GROUP BY invoice.invoice_id, invoice.net, invoice.tax, invoice.total
HAVING invoice.total IS DISTINCT FROM invoice.net + invoice.tax
    OR sum(tax.tax) IS DISTINCT FROM invoice.tax;
