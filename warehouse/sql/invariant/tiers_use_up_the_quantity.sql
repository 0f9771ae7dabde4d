-- The lines of a usage record do not add up to its quantity.
SELECT record.usage_record_id, record.quantity, sum(line.quantity) AS charged
FROM billing.usage_record AS record
INNER JOIN ops.build_month AS build
    ON build.month = record.month
INNER JOIN billing.invoice_line AS line
    ON line.usage_record_id = record.usage_record_id
WHERE line.model <> 'flat'
GROUP BY ALL
HAVING sum(line.quantity) <> record.quantity;
