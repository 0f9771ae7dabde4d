-- What an invoice's currency is worth in the books of the entity that issues it, by the frozen rates of the
-- month. Where only the other direction is kept, it is its inverse; a rate whose inverse would be a hundred
-- million or more has none.
-- grain: one currency in the books of one billing entity in one month
-- key: month, billing_entity_id, currency
-- asset: no, a step on the way to others
-- source: billing.fx_in_force, reference.billing_entity
-- partition: month
-- rebuilds: month
-- units: how many of book_currency one of currency is worth
-- rounding: an inverse to 9 decimals, half away from zero
CREATE TABLE IF NOT EXISTS reconciliation.book_rate (
    month DATE NOT NULL,
    billing_entity_id VARCHAR NOT NULL,
    currency VARCHAR NOT NULL,
    book_currency VARCHAR NOT NULL,
    rate DECIMAL(17,9) NOT NULL
);
WITH
quoted AS (
    SELECT month, from_currency, to_currency, rate, 1 AS place FROM billing.fx_in_force
    UNION ALL
    SELECT
        month,
        to_currency AS from_currency,
        from_currency AS to_currency,
        CAST(
            CAST(billing.half(CAST(1000000000000000000 AS HUGEINT), billing.nano(rate)) AS DECIMAL(19,0))
            * CAST(0.000000001 AS DECIMAL(9,9)) AS DECIMAL(17,9)
        ) AS rate,
        2 AS place
    FROM billing.fx_in_force
    WHERE rate > 0.00000001
),
ranked AS (
    SELECT
        quoted.*,
        row_number() OVER (PARTITION BY month, from_currency, to_currency ORDER BY place) AS choice
    FROM quoted
    WHERE rate > 0
)
SELECT build.month, entity.billing_entity_id, entity.currency, entity.currency AS book_currency, 1 AS rate
FROM ops.build_month AS build
CROSS JOIN reference.billing_entity AS entity
UNION ALL
SELECT ranked.month, entity.billing_entity_id, ranked.from_currency AS currency, entity.currency AS book_currency, ranked.rate
FROM ranked
INNER JOIN ops.build_month AS build
    ON build.month = ranked.month
INNER JOIN reference.billing_entity AS entity
    ON entity.currency = ranked.to_currency
WHERE ranked.choice = 1
    AND ranked.from_currency <> ranked.to_currency;
