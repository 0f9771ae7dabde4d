-- The lines of an invoice do not sum to its net, or are not as many as it says.
SELECT invoice.invoice_id, invoice.net, sum(line.amount) AS net_of_lines, invoice.lines, count(*) AS lines_there
FROM billing.invoice AS invoice
INNER JOIN ops.build_month AS build
    ON build.month = invoice.month
INNER JOIN billing.invoice_line AS line
    ON line.invoice_id = invoice.invoice_id
GROUP BY invoice.invoice_id, invoice.net, invoice.lines
HAVING sum(line.amount) <> invoice.net
    OR count(*) <> invoice.lines;
