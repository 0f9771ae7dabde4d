-- ResellerClub: what is left of the money paid in, which every transaction changes by its amount. What is
-- locked for orders under way is not told to be a part of it or not.
-- source: raw.resellerclub_balance
SELECT
    vendor,
    connection,
    'account' AS scope,
    CAST(reseller_id AS VARCHAR) AS account_id,
    'balance' AS meter,
    usage_date,
    CAST(balance AS DECIMAL(28,9)) AS quantity,
    currency AS unit,
    'balance' AS stream,
    pull_id,
    row_no
FROM raw.resellerclub_balance
WHERE balance IS NOT NULL;
