-- Files: the lines of vendors' invoices that somebody brought.
-- source: raw.files_invoices
SELECT
    for_vendor AS vendor,
    for_connection AS connection,
    transaction_id,
    CAST(concat(CAST(occurred_on AS VARCHAR), ' 00:00:00+00') AS TIMESTAMPTZ) AS occurred_at,
    'invoice_line' AS kind,
    order_id,
    product,
    currency,
    amount,
    tax_amount,
    description,
    usage_date,
    pull_id
FROM raw.files_invoices;
