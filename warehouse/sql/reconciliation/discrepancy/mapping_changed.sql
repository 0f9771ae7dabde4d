-- An account that goes from one customer to another inside a month. Each pays for its own days of what is added up
-- over them, but both pay for a highest day. The money at risk is the second one, at list price.
-- R-11: mapping changed inside the month
-- stops: no
-- direction: over_bill
-- tolerance: amount 0, percent 0, count 0
-- guards: billing.usage_record
-- vendors: all
-- source: reconciliation.account_moved, reconciliation.doubt_at_list
SELECT
    'R-11' AS code,
    moved.month,
    moved.vendor,
    moved.connection,
    moved.account_id,
    moved.customer_id,
    CAST(moved.valid_from AS VARCHAR) AS subject,
    max(doubt.currency) AS currency,
    sum(doubt.amount) AS amount,
    concat(
        moved.vendor, ' account ', moved.account_id, ' belongs to ', moved.earlier_customer_id, ' until ',
        CAST(moved.valid_from AS VARCHAR), ' and then to ', moved.customer_id,
        ': see that neither invoice has what is the other''s, and that no highest day of the account is on both.'
    ) AS sentence
FROM reconciliation.account_moved AS moved
LEFT JOIN reconciliation.doubt_at_list AS doubt
    ON doubt.code = 'R-11'
    AND doubt.month = moved.month
    AND doubt.vendor = moved.vendor
    AND doubt.connection = moved.connection
    AND doubt.account_id = moved.account_id
    AND doubt.subject = CAST(moved.valid_from AS VARCHAR)
GROUP BY
    moved.month,
    moved.vendor,
    moved.connection,
    moved.account_id,
    moved.customer_id,
    moved.earlier_customer_id,
    moved.valid_from;
