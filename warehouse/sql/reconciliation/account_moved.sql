-- Vendor accounts that go from one customer to another inside a month.
-- grain: one account from the day of its move
-- key: month, vendor, connection, account_id, valid_from
-- asset: no, a step on the way to reconciliation.discrepancy
-- source: billing.mapped_account
CREATE OR REPLACE VIEW reconciliation.account_moved AS
SELECT
    later.month,
    later.vendor,
    later.connection,
    later.account_id,
    later.valid_from,
    later.valid_to,
    later.customer_id,
    min(earlier.customer_id) AS earlier_customer_id
FROM billing.mapped_account AS later
INNER JOIN ops.build_month AS build
    ON build.month = later.month
INNER JOIN billing.mapped_account AS earlier
    ON earlier.month = later.month
    AND earlier.vendor = later.vendor
    AND earlier.connection = later.connection
    AND earlier.account_id = later.account_id
    AND earlier.valid_to <= later.valid_from
    AND earlier.customer_id <> later.customer_id
WHERE earlier.excluded IS NULL
    AND later.excluded IS NULL
GROUP BY
    later.month,
    later.vendor,
    later.connection,
    later.account_id,
    later.valid_from,
    later.valid_to,
    later.customer_id;
