-- ResellerClub: our own account with the vendor. The search has exclusive bounds and is asked a second
-- wider, so each day takes its own. Selling amounts are in the currency we are charged in.
-- source: raw.resellerclub_transactions
SELECT
    vendor,
    connection,
    CAST(transaction_id AS VARCHAR) AS transaction_id,
    occurred_at,
    kind,
    CAST(order_id AS VARCHAR) AS order_id,
    product_key AS product,
    selling_currency AS currency,
    CAST(selling_amount AS DECIMAL(28,9)) AS amount,
    CAST(selling_tax_amount AS DECIMAL(28,9)) AS tax_amount,
    description,
    usage_date,
    pull_id,
    row_no
FROM raw.resellerclub_transactions
WHERE occurred_on = usage_date;
