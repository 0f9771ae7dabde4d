-- Xopero: what we wrote to a customer in its own field for that, and the login where it is an address. Names and
-- addresses of people are withheld before anything is kept.
-- source: raw.xopero_customers
SELECT
    vendor,
    connection,
    CAST(customer_id AS VARCHAR) AS account_id,
    'reference' AS kind,
    lower(trim(custom_text)) AS value,
    usage_date,
    pull_id
FROM raw.xopero_customers
WHERE trim(custom_text) <> ''
UNION ALL
SELECT
    vendor,
    connection,
    CAST(customer_id AS VARCHAR) AS account_id,
    'email' AS kind,
    md5(lower(trim(login))) AS value,
    usage_date,
    pull_id
FROM raw.xopero_customers
WHERE trim(split_part(login, '@', 2)) <> ''
UNION ALL
SELECT
    vendor,
    connection,
    CAST(customer_id AS VARCHAR) AS account_id,
    'domain' AS kind,
    lower(trim(split_part(login, '@', 2))) AS value,
    usage_date,
    pull_id
FROM raw.xopero_customers
WHERE trim(split_part(login, '@', 2)) <> '';
