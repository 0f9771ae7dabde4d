-- What an owner used of what we sell, day by day and by where the figure comes from. A meter that no row of
-- reference.sku_mapping sells is not in it, nor an account that is not mapped: see daily_unmapped.
-- Keys are numbers, for there are many rows: billing.usage_owner and billing.sold_meter say what they are.
-- grain: one owner and sold meter on one usage date from one stream, on trial or not
-- key: usage_date, owner, on_trial, sold, source
-- source: staging.usage_snapshot, ops.pull, billing.mapped_account, billing.sold_meter
-- partition: usage_date
-- rebuilds: 0..0
-- units: the meter's, as staged
-- rounding: none
CREATE TABLE IF NOT EXISTS billing.daily_usage (
    month DATE NOT NULL,
    usage_date DATE NOT NULL,
    owner INTEGER NOT NULL,
    on_trial BOOLEAN NOT NULL, -- false where it is excluded anyway
    sold INTEGER NOT NULL,
    source UUID NOT NULL, -- md5 of vendor, connection and stream of the pull that told it
    quantity DECIMAL(38,9) NOT NULL,
    readings BIGINT NOT NULL,
    positive BIGINT NOT NULL -- how many of them are above zero
);
WITH
reading AS (
    SELECT CAST(date_trunc('month', usage_date) AS DATE) AS month, * FROM staging.usage_snapshot
),
own_product AS (
    SELECT DISTINCT month, vendor, product, meter FROM billing.sold_meter WHERE product <> '*'
),
pulled AS (
    SELECT pull_id, CAST(md5(concat_ws('|', vendor, connection, stream)) AS UUID) AS source FROM ops.pull
)
SELECT
    CAST(date_trunc('month', reading.usage_date) AS DATE) AS month,
    reading.usage_date,
    account.owner,
    coalesce(reading.is_trial, false) AND account.excluded IS NULL AS on_trial,
    sold.sold,
    pulled.source,
    CAST(sum(reading.quantity) AS DECIMAL(38,9)) AS quantity,
    count(*) AS readings,
    count(CASE WHEN reading.quantity > 0 THEN 1 END) AS positive
FROM reading
INNER JOIN billing.mapped_account AS account
    ON account.month = reading.month
    AND account.vendor = reading.vendor
    AND account.connection = reading.connection
    AND account.account_id = reading.account_id
    AND account.valid_from <= reading.usage_date
    AND account.valid_to > reading.usage_date
LEFT JOIN own_product
    ON own_product.month = reading.month
    AND own_product.vendor = reading.vendor
    AND own_product.product = reading.product
    AND own_product.meter = reading.meter
INNER JOIN billing.sold_meter AS sold
    ON sold.month = reading.month
    AND sold.vendor = reading.vendor
    AND sold.meter = reading.meter
    AND sold.product = coalesce(own_product.product, '*')
INNER JOIN pulled
    ON pulled.pull_id = reading.pull_id
GROUP BY reading.usage_date, account.owner, on_trial, sold.sold, pulled.source;
