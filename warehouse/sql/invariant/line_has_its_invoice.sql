-- A line stands on no invoice, or an invoice has no line.
SELECT line.invoice_line_id, invoice.invoice_id
FROM (
    SELECT invoice_id, invoice_line_id, month FROM billing.draft_line
    UNION ALL
    SELECT document_id AS invoice_id, invoice_line_id, month FROM billing.document_line
) AS line
FULL JOIN (SELECT invoice_id, month FROM billing.invoice) AS invoice
    ON invoice.invoice_id = line.invoice_id
INNER JOIN ops.build_month AS build
    ON build.month = coalesce(line.month, invoice.month)
WHERE line.invoice_id IS NULL
    OR invoice.invoice_id IS NULL;
