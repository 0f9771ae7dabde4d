-- The lines of an invoice do not sum to its net.
SELECT invoice.invoice_id, invoice.net, sum(line.amount) AS lines
FROM billing.invoice AS invoice
INNER JOIN ops.build_month AS build
    ON build.month = invoice.month
INNER JOIN billing.invoice_line AS line
    ON line.invoice_id = invoice.invoice_id
GROUP BY ALL
HAVING sum(line.amount) <> invoice.net;
