-- One vendor account that is mapped under two names: spelt in two ways, or seen through two connections. What both
-- tell is billed twice, or to two customers; that is the money at risk, at list price.
-- R-12: mapping twice
-- stops: no
-- direction: over_bill
-- tolerance: amount 0, percent 0, count 0
-- guards: billing.usage_record
-- vendors: all
-- source: reconciliation.account_twice, reconciliation.doubt_at_list
WITH
pair AS (
    SELECT
        month,
        vendor,
        connection,
        account_id,
        min(customer_id) AS customer_id,
        other_connection,
        other_account_id,
        min(other_customer_id) AS other_customer_id
    FROM reconciliation.account_twice
    GROUP BY month, vendor, connection, account_id, other_connection, other_account_id
)
SELECT
    'R-12' AS code,
    twice.month,
    twice.vendor,
    twice.connection,
    twice.account_id,
    twice.customer_id,
    concat_ws(' ', twice.other_connection, twice.other_account_id) AS subject,
    max(doubt.currency) AS currency,
    sum(doubt.amount) AS amount,
    concat(
        twice.vendor, ' account ', twice.other_account_id, ' (connection ', twice.other_connection, ') is mapped to ',
        twice.other_customer_id, ', and the same account as ', twice.account_id, ' (connection ', twice.connection,
        ') to ', twice.customer_id, ': take one of them out of account_mapping.'
    ) AS sentence
FROM pair AS twice
LEFT JOIN reconciliation.doubt_at_list AS doubt
    ON doubt.code = 'R-12'
    AND doubt.month = twice.month
    AND doubt.vendor = twice.vendor
    AND doubt.connection = twice.connection
    AND doubt.account_id = twice.account_id
    AND doubt.subject = concat_ws(' ', twice.other_connection, twice.other_account_id)
GROUP BY
    twice.month,
    twice.vendor,
    twice.connection,
    twice.account_id,
    twice.customer_id,
    twice.other_connection,
    twice.other_account_id,
    twice.other_customer_id;
