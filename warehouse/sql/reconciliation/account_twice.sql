-- Vendor accounts that are mapped under two names on the same days: spelt in two ways (in capitals, with blanks or
-- braces around it), or seen through two connections.
-- grain: one pair of names of one account, once for each two rows that map them
-- key: month, vendor, connection, account_id, other_connection, other_account_id, valid_from
-- asset: no, a step on the way to reconciliation.discrepancy
-- source: billing.mapped_account
CREATE OR REPLACE VIEW reconciliation.account_twice AS
SELECT
    later.month,
    later.vendor,
    later.connection,
    later.account_id,
    later.customer_id,
    earlier.connection AS other_connection,
    earlier.account_id AS other_account_id,
    earlier.customer_id AS other_customer_id,
    greatest(earlier.valid_from, later.valid_from) AS valid_from, -- of both names, as the next
    least(earlier.valid_to, later.valid_to) AS valid_to
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
    AND later.excluded IS NULL;
