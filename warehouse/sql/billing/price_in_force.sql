-- Which price holds on which days of a month, and what share of the month those days are. A price for the
-- customer wins over one for all, and then one for the dimension over one for all. Days on which none
-- holds have a row without a price.
-- grain: a run of days on which one price, or none, holds for one SKU and dimension of a rate card
-- key: price_id, first_day
-- asset: no, a step on the way to others
-- source: billing.priced_usage, billing.priced_percentage, reference.rate, reference.rate_card, ops.calendar
-- partition: month
-- rebuilds: month
-- rounding: none
CREATE TABLE IF NOT EXISTS billing.price_in_force (
    price_id VARCHAR NOT NULL, -- stands for the prices of the month: card, customer, SKU, dimension, time zone
    month DATE NOT NULL,
    side VARCHAR NOT NULL,
    rate_card VARCHAR NOT NULL,
    currency VARCHAR NOT NULL,
    price_customer_id VARCHAR NOT NULL, -- who has prices of its own; '' for everybody else
    sku VARCHAR NOT NULL,
    dimension VARCHAR NOT NULL,
    time_zone VARCHAR NOT NULL,
    pooled BOOLEAN NOT NULL, -- as proration: of the last price of the month
    first_day DATE NOT NULL,
    end_day DATE NOT NULL, -- the first day on which it no longer holds
    rate_customer_id VARCHAR, -- with the next two, the row of reference.rate; null when no price holds
    rate_dimension VARCHAR,
    rate_valid_from DATE,
    model VARCHAR,
    package_size DECIMAL(20,6),
    percent DECIMAL(7,4),
    basis VARCHAR,
    included DECIMAL(20,6),
    minimum DECIMAL(18,4), -- for a whole month, as the next
    maximum DECIMAL(18,4),
    proration VARCHAR,
    weight_part INTEGER, -- of weight_whole: days, or minutes when the proration is exact
    weight_whole INTEGER
);
WITH
asked AS (
    SELECT
        usage.month,
        build.last_day,
        usage.side,
        usage.rate_card,
        usage.price_customer_id,
        usage.sku,
        usage.dimension,
        usage.time_zone
    FROM billing.priced_usage AS usage
    INNER JOIN ops.build_month AS build
        ON build.month = usage.month
    UNION
    SELECT
        percentage.month,
        build.last_day,
        'sell' AS side,
        percentage.rate_card,
        percentage.price_customer_id,
        percentage.sku,
        '' AS dimension,
        percentage.time_zone
    FROM billing.priced_percentage AS percentage
    INNER JOIN ops.build_month AS build
        ON build.month = percentage.month
),
named AS (
    SELECT
        *,
        md5(concat_ws(
            '|', 'price', CAST(month AS VARCHAR), side, rate_card, price_customer_id, sku, dimension, time_zone
        )) AS price_id
    FROM asked
),
candidate AS (
    SELECT
        named.price_id,
        rate.*,
        greatest(rate.valid_from, named.month) AS first_day,
        least(coalesce(rate.valid_to, named.last_day + 1), named.last_day + 1) AS end_day
    FROM named
    INNER JOIN reference.rate AS rate
        ON rate.rate_card = named.rate_card
        AND rate.sku = named.sku
        AND (rate.customer_id = '' OR rate.customer_id = named.price_customer_id)
        AND (rate.dimension = '' OR rate.dimension = named.dimension)
        AND rate.valid_from <= named.last_day
        AND (rate.valid_to IS NULL OR rate.valid_to > named.month)
    WHERE rate.tier_from = 0
),
-- The days on which another price may begin to hold.
change AS (
    SELECT price_id, month AS first_day FROM named
    UNION
    SELECT price_id, first_day FROM candidate
    UNION
    SELECT candidate.price_id, candidate.end_day
    FROM candidate
    INNER JOIN named
        ON named.price_id = candidate.price_id
        AND candidate.end_day <= named.last_day
),
ranked AS (
    SELECT
        change.price_id,
        change.first_day,
        candidate.* EXCLUDE (price_id, first_day, end_day),
        row_number() OVER (
            PARTITION BY change.price_id, change.first_day
            ORDER BY candidate.customer_id DESC, candidate.dimension DESC
        ) AS place
    FROM change
    LEFT JOIN candidate
        ON candidate.price_id = change.price_id
        AND candidate.first_day <= change.first_day
        AND candidate.end_day > change.first_day
),
held AS (
    SELECT
        *,
        concat_ws('|', customer_id, dimension, CAST(valid_from AS VARCHAR)) AS holds,
        lag(concat_ws('|', customer_id, dimension, CAST(valid_from AS VARCHAR))) OVER (
            PARTITION BY price_id
            ORDER BY first_day
        ) AS held_before
    FROM ranked
    WHERE place = 1
),
run AS (
    SELECT
        held.*,
        lead(held.first_day) OVER (PARTITION BY held.price_id ORDER BY held.first_day) AS next_day
    FROM held
    WHERE held.holds IS DISTINCT FROM held.held_before
),
-- The last price of the month says how shares are measured and whether quantities are pooled.
ruling AS (
    SELECT price_id, proration, pooled, first_day
    FROM (
        SELECT *, row_number() OVER (PARTITION BY price_id ORDER BY first_day DESC) AS latest
        FROM run
        WHERE model IS NOT NULL
    ) AS priced
    WHERE latest = 1
),
spanned AS (
    SELECT
        named.*,
        coalesce(ruling.pooled = 'yes', FALSE) AS pooled,
        ruling.proration,
        CASE ruling.proration WHEN 'none' THEN named.month ELSE run.first_day END AS first_day,
        CASE ruling.proration
            WHEN 'none' THEN named.last_day + 1
            ELSE coalesce(run.next_day, named.last_day + 1)
        END AS end_day,
        run.customer_id AS rate_customer_id,
        run.dimension AS rate_dimension,
        run.valid_from AS rate_valid_from,
        run.model,
        run.package_size,
        run.percent,
        run.basis,
        run.included,
        run.minimum,
        run.maximum
    FROM run
    INNER JOIN named
        ON named.price_id = run.price_id
    LEFT JOIN ruling
        ON ruling.price_id = run.price_id
    WHERE ruling.proration IS DISTINCT FROM 'none'
        OR ruling.first_day = run.first_day
),
timed AS (
    SELECT
        spanned.price_id,
        spanned.first_day,
        CAST(sum(CASE
            WHEN calendar.usage_date >= spanned.first_day AND calendar.usage_date < spanned.end_day
                THEN calendar.seconds
        END) AS BIGINT) // 60 AS minutes,
        CAST(sum(calendar.seconds) AS BIGINT) // 60 AS minutes_of_month
    FROM spanned
    INNER JOIN ops.calendar AS calendar
        ON calendar.month = spanned.month
        AND calendar.time_zone = spanned.time_zone
    WHERE spanned.proration = 'exact'
    GROUP BY ALL
),
weighted AS (
    SELECT
        spanned.*,
        billing.month_part(
            spanned.proration, spanned.month, spanned.last_day, spanned.first_day, spanned.end_day, timed.minutes
        ) AS weight_part,
        billing.month_whole(
            spanned.proration, spanned.month, spanned.last_day, timed.minutes_of_month
        ) AS weight_whole
    FROM spanned
    LEFT JOIN timed
        ON timed.price_id = spanned.price_id
        AND timed.first_day = spanned.first_day
)
SELECT
    weighted.* EXCLUDE (last_day),
    card.currency
FROM weighted
INNER JOIN reference.rate_card AS card
    ON card.rate_card = weighted.rate_card;
