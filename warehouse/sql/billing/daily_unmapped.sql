-- Usage of vendor accounts that no row of reference.account_mapping covers on that day.
-- grain: one account and sold meter, or one meter that is not sold, on one usage date from one stream
-- key: usage_date, vendor, connection, account_id, on_trial, meter, sold, source
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
    SELECT
        CAST(date_trunc('month', snapshot.usage_date) AS DATE) AS month,
        snapshot.*
    FROM staging.usage_snapshot AS snapshot
    WHERE NOT EXISTS (
        SELECT account.owner
        FROM billing.mapped_account AS account
        WHERE account.month = CAST(date_trunc('month', snapshot.usage_date) AS DATE)
            AND account.vendor = snapshot.vendor
            AND account.connection = snapshot.connection
            AND account.account_id = snapshot.account_id
            AND account.valid_from <= snapshot.usage_date
            AND (account.valid_to IS NULL OR account.valid_to > snapshot.usage_date)
    )
),
own_product AS (
    SELECT DISTINCT month, vendor, product, meter FROM billing.sold_meter WHERE product <> '*'
),
pulled AS (
    SELECT pull_id, CAST(md5(concat_ws('|', vendor, connection, stream)) AS UUID) AS source FROM ops.pull
)
SELECT
    reading.month,
    reading.usage_date,
    reading.vendor,
    reading.connection,
    reading.account_id,
    coalesce(reading.is_trial, false) AS on_trial,
    reading.meter,
    sold.sold,
    pulled.source,
    CAST(sum(reading.quantity) AS DECIMAL(38,9)) AS quantity,
    count(*) AS readings,
    count(CASE WHEN reading.quantity > 0 THEN 1 END) AS positive
FROM reading
LEFT JOIN own_product
    ON own_product.month = reading.month
    AND own_product.vendor = reading.vendor
    AND own_product.product = reading.product
    AND own_product.meter = reading.meter
LEFT JOIN billing.sold_meter AS sold
    ON sold.month = reading.month
    AND sold.vendor = reading.vendor
    AND sold.meter = reading.meter
    AND sold.product = coalesce(own_product.product, '*')
INNER JOIN pulled
    ON pulled.pull_id = reading.pull_id
GROUP BY ALL;
