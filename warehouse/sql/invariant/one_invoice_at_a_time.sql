-- A customer has two invoices for the same month in one currency that are both to be paid.
SELECT invoice.billing_entity_id, invoice.billed_customer_id, invoice.currency, invoice.month, count(*) AS invoices
FROM billing.invoice AS invoice
INNER JOIN ops.build_month AS build
    ON build.month = invoice.month
WHERE invoice.document_kind = 'invoice'
    AND invoice.status <> 'voided'
GROUP BY invoice.billing_entity_id, invoice.billed_customer_id, invoice.currency, invoice.month
HAVING count(*) > 1;
