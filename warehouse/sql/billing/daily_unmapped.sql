-- Usage of vendor accounts that no row of reference.account_mapping covers on that day.
-- grain: one account and sold meter, or one meter that is not sold, on one usage date from one stream
-- key: usage_date, vendor, connection, account_id, on_trial, meter, sold, source
-- asset: no, a step on the way to others
-- source: staging.usage_snapshot, ops.pull, billing.mapped_account, billing.sold_meter
-- partition: usage_date
-- rebuilds: 0..0
-- units: the meter's, as staged
-- rounding: none
CREATE TABLE IF NOT EXISTS billing.daily_unmapped (
    month DATE NOT NULL,
    usage_date DATE NOT NULL,
    vendor VARCHAR NOT NULL,
    connection VARCHAR NOT NULL,
    account_id VARCHAR NOT NULL,
    on_trial BOOLEAN NOT NULL,
    meter VARCHAR NOT NULL,
    sold INTEGER, -- null for a meter that is not sold
    source UUID NOT NULL, -- as in daily_usage
    quantity DECIMAL(38,9) NOT NULL,
    readings BIGINT NOT NULL,
    positive BIGINT NOT NULL
);
WITH
reading AS (
    SELECT CAST(date_trunc('month', usage_date) AS DATE) AS month, * FROM staging.usage_snapshot
),
unmapped AS (
    SELECT reading.*
    FROM reading
    LEFT JOIN billing.mapped_account AS account
        ON account.month = reading.month
        AND account.vendor = reading.vendor
        AND account.connection = reading.connection
        AND account.account_id = reading.account_id
        AND account.valid_from <= reading.usage_date
        AND account.valid_to > reading.usage_date
    WHERE account.owner IS NULL
),
own_product AS (
    SELECT DISTINCT month, vendor, product, meter FROM billing.sold_meter WHERE product <> '*'
),
pulled AS (
    SELECT pull_id, CAST(md5(concat_ws('|', vendor, connection, stream)) AS UUID) AS source FROM ops.pull
)
SELECT
    unmapped.month,
    unmapped.usage_date,
    unmapped.vendor,
    unmapped.connection,
    unmapped.account_id,
    coalesce(unmapped.is_trial, false) AS on_trial,
    unmapped.meter,
    sold.sold,
    pulled.source,
    CAST(sum(unmapped.quantity) AS DECIMAL(38,9)) AS quantity,
    count(*) AS readings,
    count(CASE WHEN unmapped.quantity > 0 THEN 1 END) AS positive
FROM unmapped
LEFT JOIN own_product
    ON own_product.month = unmapped.month
    AND own_product.vendor = unmapped.vendor
    AND own_product.product = unmapped.product
    AND own_product.meter = unmapped.meter
LEFT JOIN billing.sold_meter AS sold
    ON sold.month = unmapped.month
    AND sold.vendor = unmapped.vendor
    AND sold.meter = unmapped.meter
    AND sold.product = coalesce(own_product.product, '*')
INNER JOIN pulled
    ON pulled.pull_id = unmapped.pull_id
GROUP BY ALL;
