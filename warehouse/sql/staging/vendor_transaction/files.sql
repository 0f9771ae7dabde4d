-- Files: the lines of vendors' invoices that somebody brought.
-- source: raw.files_invoices
SELECT
    for_vendor AS vendor,
    for_connection AS connection,
    transaction_id,
    CAST(concat(CAST(occurred_on AS VARCHAR), ' 00:00:00+00') AS TIMESTAMPTZ) AS occurred_at,
    coalesce(kind, 'invoice_line') AS kind, -- none in what was landed before lines had one
    order_id,
    product,
    currency,
    amount,
    tax_amount,
    description,
    invoice_number AS document_number,
    account_id,
    sku,
    dimension,
    service_start,
    service_end,
    quantity,
    unit,
    unit_price,
    usage_date,
    pull_id,
    row_no
FROM raw.files_invoices;
