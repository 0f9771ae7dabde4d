-- Whose usage a vendor account is, and for which days. Accounts that are metered together, those of one
-- customer at one connection with the same reason not to bill them, have the same owner.
-- grain: one vendor account in one month, once for each row that maps it
-- key: month, vendor, connection, account_id, valid_from
-- asset: no, a step on the way to others
-- source: reference.account_mapping
-- partition: month
-- rebuilds: month
CREATE TABLE IF NOT EXISTS billing.mapped_account (
    month DATE NOT NULL,
    vendor VARCHAR NOT NULL,
    connection VARCHAR NOT NULL,
    account_id VARCHAR NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE NOT NULL, -- the first day after it; 9999-12-31 for none, so that joins need no OR
    owner INTEGER NOT NULL, -- a number from 1 in that month
    customer_id VARCHAR, -- null for an excluded account that is nobody's
    excluded VARCHAR -- why it is never billed
);
WITH
mapped AS (
    SELECT
        build.month,
        mapping.vendor,
        mapping.connection,
        mapping.account_id,
        mapping.valid_from,
        coalesce(mapping.valid_to, DATE '9999-12-31') AS valid_to,
        mapping.customer_id,
        CASE WHEN mapping.state = 'excluded' THEN concat('excluded: ', mapping.reason) END AS excluded
    FROM reference.account_mapping AS mapping
    INNER JOIN ops.build_month AS build
        ON mapping.valid_from <= build.last_day
        AND (mapping.valid_to IS NULL OR mapping.valid_to > build.month)
)
SELECT
    *,
    CAST(dense_rank() OVER (
        PARTITION BY month
        ORDER BY vendor, connection, coalesce(customer_id, ''), coalesce(excluded, '')
    ) AS INTEGER) AS owner
FROM mapped;
