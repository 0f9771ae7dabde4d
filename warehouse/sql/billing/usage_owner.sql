-- Who the owners of daily usage are: a customer at one connection of a vendor, or an account that is not mapped.
-- grain: one owner in one month
-- key: month, owner
-- asset: no, a step on the way to others
-- source: billing.mapped_account, billing.unmapped_account
CREATE OR REPLACE VIEW billing.usage_owner AS
SELECT DISTINCT
    month,
    owner,
    connection,
    customer_id,
    excluded,
    CAST(NULL AS VARCHAR) AS unmapped_account_id
FROM billing.mapped_account
UNION ALL
SELECT
    month,
    owner,
    connection,
    NULL AS customer_id,
    NULL AS excluded,
    account_id AS unmapped_account_id
FROM billing.unmapped_account;
