-- What is told of one account under two names that are both mapped: the readings that are there under both,
-- on the days on which both are mapped.
-- source: reconciliation.account_twice, staging.usage_snapshot
SELECT
    twice.month,
    'R-12' AS code,
    told.vendor,
    told.connection,
    told.account_id,
    concat_ws(' ', twice.other_connection, twice.other_account_id) AS subject,
    told.product,
    told.meter,
    told.usage_date,
    told.quantity
FROM reconciliation.account_twice AS twice
INNER JOIN staging.usage_snapshot AS told
    ON told.vendor = twice.vendor
    AND told.connection = twice.connection
    AND told.account_id = twice.account_id
    AND CAST(date_trunc('month', told.usage_date) AS DATE) = twice.month
    AND told.usage_date >= twice.valid_from
    AND told.usage_date < twice.valid_to
INNER JOIN staging.usage_snapshot AS other
    ON other.vendor = twice.vendor
    AND other.connection = twice.other_connection
    AND other.account_id = twice.other_account_id
    AND other.resource_id = told.resource_id
    AND other.product = told.product
    AND other.meter = told.meter
    AND other.usage_date = told.usage_date
WHERE NOT coalesce(told.is_trial, false);
