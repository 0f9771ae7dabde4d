-- Usage of accounts that no row of reference.account_mapping covers, metered as if they were a customer's.
-- What is on trial is not in it: nobody would pay for it.
-- grain: one vendor account, SKU and dimension in one month
-- key: month, vendor, connection, account_id, sku, dimension
-- source: billing.metered_quantity, billing.unmapped_account, billing.sold_meter
-- partition: month
-- rebuilds: month
-- units: the SKU's
-- rounding: none
CREATE TABLE IF NOT EXISTS billing.unmapped_usage (
    month DATE NOT NULL,
    vendor VARCHAR NOT NULL,
    connection VARCHAR NOT NULL,
    account_id VARCHAR NOT NULL,
    sku VARCHAR NOT NULL,
    dimension VARCHAR NOT NULL,
    quantity DECIMAL(20,6) -- null is unknown, never none
);
WITH
ruled AS (
    SELECT DISTINCT month, sold, sku, dimension FROM billing.sold_meter
)
SELECT
    metered.month,
    account.vendor,
    account.connection,
    account.account_id,
    ruled.sku,
    ruled.dimension,
    CASE WHEN count(*) = count(metered.quantity) THEN CAST(sum(metered.quantity) AS DECIMAL(20,6)) END AS quantity
FROM billing.metered_quantity AS metered
INNER JOIN ops.build_month AS build
    ON build.month = metered.month
INNER JOIN ruled
    ON ruled.month = metered.month
    AND ruled.sold = metered.sold
INNER JOIN billing.unmapped_account AS account
    ON account.month = metered.month
    AND account.owner = metered.owner
WHERE NOT metered.on_trial
GROUP BY ALL;
