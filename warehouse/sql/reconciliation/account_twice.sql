-- Vendor accounts that are mapped under two names on the same days: spelt in two ways (in capitals, with blanks or
-- braces around it), or seen through two connections.
-- grain: one pair of names of one account
-- key: month, vendor, connection, account_id, other_connection, other_account_id
-- asset: no, a step on the way to reconciliation.discrepancy
-- source: billing.mapped_account
CREATE OR REPLACE VIEW reconciliation.account_twice AS
SELECT
    later.month,
    later.vendor,
    later.connection,
    later.account_id,
    min(later.customer_id) AS customer_id,
    earlier.connection AS other_connection,
    earlier.account_id AS other_account_id,
    min(earlier.customer_id) AS other_customer_id
FROM billing.mapped_account AS later
INNER JOIN ops.build_month AS build
    ON build.month = later.month
INNER JOIN billing.mapped_account AS earlier
    ON earlier.month = later.month
    AND earlier.vendor = later.vendor
    AND lower(trim(earlier.account_id, ' {}')) = lower(trim(later.account_id, ' {}'))
    AND concat_ws('|', earlier.connection, earlier.account_id) < concat_ws('|', later.connection, later.account_id)
    AND earlier.valid_from < later.valid_to
    AND later.valid_from < earlier.valid_to
WHERE earlier.excluded IS NULL
    AND later.excluded IS NULL
GROUP BY
    later.month,
    later.vendor,
    later.connection,
    later.account_id,
    earlier.connection,
    earlier.account_id;
