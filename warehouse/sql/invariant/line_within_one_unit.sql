-- The amount of an invoice line is a whole smallest unit of its currency, or more, away from its exact amount.
SELECT line.invoice_line_id, line.amount, line.exact_amount
FROM billing.invoice_line AS line
INNER JOIN ops.build_month AS build
    ON build.month = line.month
INNER JOIN reference.currency AS currency
    ON currency.currency = line.currency
WHERE line.document_kind = 'invoice'
    AND abs(line.exact_amount - line.amount) >= currency.minor_unit;
