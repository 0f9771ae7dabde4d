-- One vendor account that is mapped under two names: spelt in two ways, or seen through two connections. What both
-- tell is billed twice, or to two customers.
-- R-12: mapping twice
-- stops: no
-- direction: over_bill
-- tolerance: amount 0, percent 0, count 0
-- guards: billing.usage_record
-- vendors: all
-- source: billing.mapped_account
SELECT DISTINCT
    'R-12' AS code,
    one.month,
    one.vendor,
    other.connection,
    other.account_id,
    other.customer_id,
    concat_ws(' ', one.connection, one.account_id) AS subject,
    concat(
        one.vendor, ' account ', one.account_id, ' (connection ', one.connection, ') is mapped to ', one.customer_id,
        ', and the same account as ', other.account_id, ' (connection ', other.connection, ') to ', other.customer_id,
        ': take one of them out of account_mapping.'
    ) AS sentence
FROM billing.mapped_account AS one
INNER JOIN ops.build_month AS build
    ON build.month = one.month
INNER JOIN billing.mapped_account AS other
    ON other.month = one.month
    AND other.vendor = one.vendor
    AND lower(trim(other.account_id, ' {}')) = lower(trim(one.account_id, ' {}'))
    AND concat_ws('|', other.connection, other.account_id) > concat_ws('|', one.connection, one.account_id)
    AND other.valid_from < one.valid_to
    AND one.valid_from < other.valid_to
WHERE one.excluded IS NULL
    AND other.excluded IS NULL;
