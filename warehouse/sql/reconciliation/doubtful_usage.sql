-- The readings that a check has a doubt about, metered as if an account had nothing else: what they make in the
-- unit that the SKU is sold in. Only of accounts that are billed, but for what a vendor sums itself. Products that
-- are not sold are metered as each SKU that their meter is sold as elsewhere.
-- grain: one SKU and dimension of one meter of one account, for one doubt of one check in one month
-- key: month, code, vendor, connection, account_id, subject, product, meter, sku, dimension
-- asset: no, a step on the way to reconciliation.usage_at_list
-- source: reconciliation.doubtful_reading, billing.mapped_account, billing.sold_meter, billing.customer_terms
-- partition: month
-- rebuilds: month
-- units: the SKU's
-- rounding: once, to a multiple of the SKU's quantity_step, as its rounding says
CREATE TABLE IF NOT EXISTS reconciliation.doubtful_usage (
    month DATE NOT NULL,
    code VARCHAR NOT NULL,
    vendor VARCHAR NOT NULL,
    connection VARCHAR NOT NULL,
    account_id VARCHAR NOT NULL,
    subject VARCHAR NOT NULL,
    product VARCHAR NOT NULL,
    meter VARCHAR NOT NULL,
    customer_id VARCHAR NOT NULL, -- '' for nobody's
    billing_entity_id VARCHAR, -- null, as the next, when the customer has no terms
    billed_customer_id VARCHAR,
    first_day DATE NOT NULL,
    days BIGINT NOT NULL,
    highest DECIMAL(38,9) NOT NULL, -- reading, in the meter's unit, as the next
    lowest DECIMAL(38,9) NOT NULL,
    sku VARCHAR NOT NULL, -- '' when the meter is not sold at all, and then there is no quantity
    dimension VARCHAR NOT NULL,
    quantity DECIMAL(38,6)
);
WITH
reading AS (
    SELECT doubt.*, coalesce(account.customer_id, '') AS customer_id
    FROM reconciliation.doubtful_reading AS doubt
    INNER JOIN ops.build_month AS build
        ON build.month = doubt.month
    LEFT JOIN billing.mapped_account AS account
        ON account.month = doubt.month
        AND account.vendor = doubt.vendor
        AND account.connection = doubt.connection
        AND account.account_id = doubt.account_id
        AND account.valid_from <= doubt.usage_date
        AND account.valid_to > doubt.usage_date
    WHERE (account.owner IS NOT NULL AND account.excluded IS NULL)
        OR doubt.code IN ('R-08', 'R-52')
),
own_product AS (
    SELECT DISTINCT month, vendor, product, meter FROM billing.sold_meter WHERE product <> '*'
),
day AS (
    SELECT
        month,
        code,
        vendor,
        connection,
        account_id,
        subject,
        product,
        meter,
        customer_id,
        usage_date,
        sum(quantity) AS quantity,
        max(quantity) AS highest,
        min(quantity) AS lowest,
        count(*) AS readings
    FROM reading
    GROUP BY ALL
),
figure AS (
    SELECT
        day.* EXCLUDE (usage_date, quantity, highest, lowest, readings),
        min(day.usage_date) AS first_day,
        count(*) AS days,
        max(day.highest) AS highest,
        min(day.lowest) AS lowest,
        CAST(sum(day.quantity) AS DECIMAL(38,9)) AS total,
        CAST(max(day.quantity) AS DECIMAL(38,9)) AS highest_day,
        CAST(sum(day.readings) AS HUGEINT) AS readings
    FROM day
    GROUP BY ALL
),
sold AS (
    SELECT DISTINCT
        figure.*,
        sold.sku,
        sold.dimension,
        sold.aggregation,
        sold.size,
        sold.part,
        sold.whole,
        sold.step_millionths,
        sold.rounding
    FROM figure
    LEFT JOIN own_product
        ON own_product.month = figure.month
        AND own_product.vendor = figure.vendor
        AND own_product.product = figure.product
        AND own_product.meter = figure.meter
    LEFT JOIN billing.sold_meter AS sold
        ON sold.month = figure.month
        AND sold.vendor = figure.vendor
        AND sold.meter = figure.meter
        AND (sold.product = coalesce(own_product.product, '*') OR figure.code IN ('R-10', 'R-55'))
),
-- What is added up by weight counts for its share of the month; of the rest the highest day counts.
metered AS (
    SELECT
        sold.*,
        CASE
            WHEN sold.aggregation IN ('count', 'unique_count')
                THEN CAST(sold.readings AS HUGEINT) * CAST(1000000000 AS HUGEINT)
            WHEN sold.aggregation IN ('sum', 'average', 'time_weighted')
                THEN CAST(billing.nano(sold.total) AS HUGEINT) * CAST(sold.size AS HUGEINT)
            ELSE CAST(billing.nano(sold.highest_day) AS HUGEINT) * CAST(sold.size AS HUGEINT)
        END AS figure,
        CASE
            WHEN sold.aggregation IN ('average', 'time_weighted')
                THEN CAST(sold.whole AS HUGEINT) * CAST(date_diff('day', build.month, build.last_day) + 1 AS HUGEINT)
            ELSE sold.whole
        END AS divisor
    FROM sold
    INNER JOIN ops.build_month AS build
        ON build.month = sold.month
),
stepped AS (
    SELECT
        *,
        CASE rounding
            WHEN 'half' THEN billing.share(figure, part, divisor)
            ELSE billing.cut(figure, part, divisor)
                + CASE
                    WHEN rounding = 'up'
                        AND CAST(CAST(figure % divisor AS HUGEINT) * CAST(part AS HUGEINT) AS HUGEINT) % divisor <> 0
                        THEN CAST(sign(figure) AS HUGEINT)
                    ELSE CAST(0 AS HUGEINT)
                END
        END AS steps
    FROM metered
)
SELECT
    stepped.month,
    stepped.code,
    stepped.vendor,
    stepped.connection,
    stepped.account_id,
    stepped.subject,
    stepped.product,
    stepped.meter,
    stepped.customer_id,
    terms.billing_entity_id,
    terms.billed_customer_id,
    stepped.first_day,
    stepped.days,
    CAST(stepped.highest AS DECIMAL(38,9)) AS highest,
    CAST(stepped.lowest AS DECIMAL(38,9)) AS lowest,
    coalesce(stepped.sku, '') AS sku,
    coalesce(stepped.dimension, '') AS dimension,
    CAST(
        CAST(CAST(stepped.steps AS HUGEINT) * CAST(stepped.step_millionths AS HUGEINT) AS DECIMAL(32,0))
        * CAST(0.000001 AS DECIMAL(6,6)) AS DECIMAL(38,6)
    ) AS quantity
FROM stepped
LEFT JOIN billing.customer_terms AS terms
    ON terms.month = stepped.month
    AND terms.customer_id = stepped.customer_id;
