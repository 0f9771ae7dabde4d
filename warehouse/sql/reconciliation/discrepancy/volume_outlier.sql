-- A customer used far more, or far less, of a SKU than in the months before, and nothing that came or went
-- explains it. The quantity lies more than 6 times their median absolute deviation from the median of the last six
-- months, more than half of that median, and is worth more than 100 in the currency of the books at the price that
-- is billed. Months count in which as many readings were told each day as now (the fewest and the most of a day),
-- and three of them are needed: a new customer, one that leaves or one with more or fewer accounts and devices than
-- before is none, and steady growth does not come near. Only months that are over are compared.
-- R-38: quantity out of line with the months before
-- stops: no
-- direction: each row
-- tolerance: amount 100, percent 50, count 0
-- guards: billing.usage_record
-- vendors: all
-- not_for: resellerclub, whose quantities are what was ordered and not what was measured: R-56 has its orders
-- source: reconciliation.customer_volume, reconciliation.book_rate, billing.customer_terms, reference.sku
WITH
now AS (
    SELECT
        volume.*,
        billing.millionths(volume.quantity) AS used,
        terms.billing_entity_id,
        terms.billed_customer_id,
        terms.customer_name,
        terms.currency
    FROM reconciliation.customer_volume AS volume
    INNER JOIN ops.build_month AS build
        ON build.month = volume.month
        AND build.metered_until = build.last_day
    INNER JOIN billing.customer_terms AS terms
        ON terms.month = volume.month
        AND terms.customer_id = volume.customer_id
),
past AS (
    SELECT
        now.month,
        now.customer_id,
        now.sku,
        now.used,
        billing.millionths(volume.quantity) AS used_then,
        count(*) OVER whole AS months,
        row_number() OVER (
            PARTITION BY now.month, now.customer_id, now.sku ORDER BY volume.quantity, volume.month
        ) AS place
    FROM now
    INNER JOIN reconciliation.customer_volume AS volume
        ON volume.customer_id = now.customer_id
        AND volume.sku = now.sku
        AND volume.fewest = now.fewest
        AND volume.most = now.most
        AND volume.month < now.month
        AND date_diff('month', volume.month, now.month) <= 6
    WINDOW whole AS (PARTITION BY now.month, now.customer_id, now.sku)
),
-- The median twice, so that it stays whole: of an even number it lies between two.
median AS (
    SELECT month, customer_id, sku, used, months, sum(used_then) FILTER (WHERE place = (months + 1) // 2)
        + sum(used_then) FILTER (WHERE place = (months + 2) // 2) AS twice
    FROM past
    WHERE months >= 3
    GROUP BY month, customer_id, sku, used, months
),
deviation AS (
    SELECT
        past.month,
        past.customer_id,
        past.sku,
        past.months,
        median.twice,
        abs(past.used_then + past.used_then - median.twice) AS twice_away,
        abs(past.used + past.used - median.twice) AS now_twice_away,
        row_number() OVER (
            PARTITION BY past.month, past.customer_id, past.sku
            ORDER BY abs(past.used_then + past.used_then - median.twice), past.place
        ) AS place
    FROM past
    INNER JOIN median
        ON median.month = past.month
        AND median.customer_id = past.customer_id
        AND median.sku = past.sku
    WHERE median.twice > 0
),
spread AS (
    SELECT month, customer_id, sku, months, twice, now_twice_away,
        sum(twice_away) FILTER (WHERE place = (months + 1) // 2)
        + sum(twice_away) FILTER (WHERE place = (months + 2) // 2) AS four_times
    FROM deviation
    GROUP BY month, customer_id, sku, months, twice, now_twice_away
),
outlier AS (
    SELECT *
    FROM spread
    WHERE now_twice_away + now_twice_away > CAST(6 AS HUGEINT) * CAST(four_times AS HUGEINT)
),
-- What fell to nothing has the price that it had last.
price AS (
    SELECT
        outlier.month,
        outlier.customer_id,
        outlier.sku,
        billing.fine(volume.charged) AS charged,
        billing.millionths(volume.priced_quantity) AS priced_quantity,
        row_number() OVER (
            PARTITION BY outlier.month, outlier.customer_id, outlier.sku ORDER BY volume.month DESC
        ) AS place
    FROM outlier
    INNER JOIN reconciliation.customer_volume AS volume
        ON volume.customer_id = outlier.customer_id
        AND volume.sku = outlier.sku
        AND volume.month <= outlier.month
        AND volume.priced_quantity > 0
        AND volume.charged > 0
),
valued AS (
    SELECT
        now.*,
        outlier.months,
        CAST(CAST(outlier.twice AS DECIMAL(28,0)) * CAST(0.0000005 AS DECIMAL(7,7)) AS DECIMAL(38,9)) AS usual,
        coalesce(book.book_currency, now.currency) AS book_currency,
        coalesce(book.rate, 1) AS rate,
        billing.share(
            price.charged, CAST(outlier.now_twice_away AS HUGEINT), price.priced_quantity + price.priced_quantity
        ) AS fine_amount
    FROM outlier
    INNER JOIN now
        ON now.month = outlier.month
        AND now.customer_id = outlier.customer_id
        AND now.sku = outlier.sku
    INNER JOIN price
        ON price.month = outlier.month
        AND price.customer_id = outlier.customer_id
        AND price.sku = outlier.sku
        AND price.place = 1
    LEFT JOIN reconciliation.book_rate AS book
        ON book.month = now.month
        AND book.billing_entity_id = now.billing_entity_id
        AND book.currency = now.currency
),
booked AS (
    SELECT *, billing.exact(fine_amount) AS amount FROM valued
)
SELECT
    'R-38' AS code,
    booked.month,
    booked.billing_entity_id,
    booked.billed_customer_id,
    booked.customer_id,
    booked.sku,
    CASE WHEN booked.quantity > booked.usual THEN 'over_bill' ELSE 'leak' END AS direction,
    sku.unit,
    booked.usual AS expected,
    CAST(booked.quantity AS DECIMAL(38,9)) AS actual,
    booked.book_currency AS currency,
    billing.converted(booked.amount, booked.rate) AS amount,
    concat(
        booked.customer_name, ' used ', billing.plain(booked.quantity), ' ', sku.unit, ' of ', sku.name, ' in ',
        strftime(booked.month, '%Y-%m'), ', where ', billing.plain(booked.usual), ' is the middle of the ',
        CAST(booked.months AS VARCHAR), ' months before it in which as many readings a day were told: compare ',
        'them with what the vendor shows, ask the customer, and acknowledge the finding when it is so.'
    ) AS sentence
FROM booked
INNER JOIN reference.sku AS sku
    ON sku.sku = booked.sku;
