-- An invoice line stands on no invoice.
SELECT line.invoice_line_id, line.invoice_id
FROM billing.invoice_line AS line
INNER JOIN ops.build_month AS build
    ON build.month = line.month
LEFT JOIN billing.invoice AS invoice
    ON invoice.invoice_id = line.invoice_id
WHERE invoice.invoice_id IS NULL;
