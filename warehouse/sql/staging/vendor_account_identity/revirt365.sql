-- ReVirt365: our own number of a customer, and its purchase order.
-- source: raw.revirt365_customers
SELECT
    vendor,
    connection,
    account_id,
    'reference' AS kind,
    lower(trim(external_number)) AS value,
    usage_date,
    pull_id
FROM raw.revirt365_customers
WHERE trim(external_number) <> ''
UNION ALL
SELECT
    vendor,
    connection,
    account_id,
    'reference' AS kind,
    lower(trim(po_number)) AS value,
    usage_date,
    pull_id
FROM raw.revirt365_customers
WHERE trim(po_number) <> ''
    AND lower(trim(po_number)) IS DISTINCT FROM lower(trim(external_number));
