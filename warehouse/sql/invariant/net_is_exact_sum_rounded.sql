-- The net of an invoice is more than half the smallest unit of its currency away from the exact sum.
SELECT invoice.invoice_id, invoice.net, sum(line.exact_amount) AS exact_amount
FROM billing.invoice AS invoice
INNER JOIN ops.build_month AS build
    ON build.month = invoice.month
INNER JOIN billing.invoice_line AS line
    ON line.invoice_id = invoice.invoice_id
INNER JOIN reference.currency AS currency
    ON currency.currency = invoice.currency
WHERE invoice.document_kind = 'invoice'
GROUP BY invoice.invoice_id, invoice.net, currency.minor_unit
HAVING abs(sum(line.exact_amount) - invoice.net) + abs(sum(line.exact_amount) - invoice.net) > currency.minor_unit;
