-- What a customer used of what we sell, day by day and by where the figure comes from. A vendor's
-- meter that no row of reference.meter sells, and an account that is not mapped, are not in it.
-- grain: one usage record on one usage date from one stream of one connection
-- key: usage_record_id, usage_date, source_vendor, connection, stream
-- source: staging.usage_snapshot, ops.pull, reference.account_mapping, reference.meter
-- partition: usage_date
-- rebuilds: month
-- units: the vendor's, as staged
-- rounding: none
CREATE TABLE IF NOT EXISTS billing.daily_usage (
    usage_record_id VARCHAR NOT NULL,
    month DATE NOT NULL,
    usage_date DATE NOT NULL,
    customer_id VARCHAR, -- null for an excluded account that is nobody's
    vendor VARCHAR NOT NULL,
    source_vendor VARCHAR NOT NULL, -- whose pull told it: the vendor's own, or files
    connection VARCHAR NOT NULL, -- of that pull
    stream VARCHAR NOT NULL,
    meter VARCHAR NOT NULL,
    sku VARCHAR NOT NULL,
    billable BOOLEAN NOT NULL,
    not_billable_reason VARCHAR, -- a trial, or why the account is excluded
    aggregation VARCHAR NOT NULL,
    divisor BIGINT NOT NULL,
    quantity_step DECIMAL(20,6) NOT NULL,
    quantity DECIMAL(28,9) NOT NULL,
    readings BIGINT NOT NULL
);
WITH
reading AS (
    SELECT
        build.month,
        snapshot.* EXCLUDE (connection),
        pull.vendor AS source_vendor,
        pull.connection,
        pull.stream,
        mapping.customer_id,
        CASE
            WHEN mapping.state = 'excluded' THEN concat('excluded: ', mapping.reason)
            WHEN snapshot.is_trial THEN 'trial'
        END AS not_billable_reason
    FROM staging.usage_snapshot AS snapshot
    INNER JOIN ops.build_month AS build
        ON snapshot.usage_date >= build.month
        AND snapshot.usage_date <= build.last_day
    INNER JOIN ops.pull AS pull
        ON pull.pull_id = snapshot.pull_id
    INNER JOIN reference.account_mapping AS mapping
        ON mapping.vendor = snapshot.vendor
        AND mapping.connection = snapshot.connection
        AND mapping.account_id = snapshot.account_id
        AND mapping.valid_from <= snapshot.usage_date
        AND (mapping.valid_to IS NULL OR mapping.valid_to > snapshot.usage_date)
),
-- The meters that hold in a month: their validity begins and ends with months.
sold AS (
    SELECT build.month, meter.*
    FROM reference.meter AS meter
    INNER JOIN ops.build_month AS build
        ON meter.valid_from <= build.month
        AND (meter.valid_to IS NULL OR meter.valid_to > build.month)
),
own_product AS (
    SELECT DISTINCT month, vendor, product, meter FROM sold WHERE product <> '*'
),
summed AS (
    SELECT
        reading.month,
        reading.usage_date,
        reading.customer_id,
        reading.vendor,
        reading.source_vendor,
        reading.connection,
        reading.stream,
        reading.meter,
        sold.sku,
        reading.not_billable_reason,
        sold.aggregation,
        sold.divisor,
        sold.quantity_step,
        CAST(sum(reading.quantity) AS DECIMAL(28,9)) AS quantity,
        count(*) AS readings
    FROM reading
    LEFT JOIN own_product
        ON own_product.month = reading.month
        AND own_product.vendor = reading.vendor
        AND own_product.product = reading.product
        AND own_product.meter = reading.meter
    INNER JOIN sold
        ON sold.month = reading.month
        AND sold.vendor = reading.vendor
        AND sold.meter = reading.meter
        AND sold.product = coalesce(own_product.product, '*')
    GROUP BY ALL
)
SELECT
    *,
    md5(concat_ws(
        '|',
        'usage_record',
        CAST(month AS VARCHAR),
        coalesce(customer_id, ''),
        vendor,
        meter,
        sku,
        coalesce(not_billable_reason, '')
    )) AS usage_record_id,
    not_billable_reason IS NULL AS billable
FROM summed;
