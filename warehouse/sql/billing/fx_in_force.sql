-- The exchange rates of a month: those that hold on its last day.
-- grain: one currency into another in one month
-- key: month, from_currency, to_currency
-- asset: no, a step on the way to others
-- source: reference.fx_rate
-- partition: month
-- rebuilds: month
-- units: how many of to_currency one of from_currency is worth
-- rounding: none
CREATE TABLE IF NOT EXISTS billing.fx_in_force (
    month DATE NOT NULL,
    from_currency VARCHAR NOT NULL,
    to_currency VARCHAR NOT NULL,
    rate DECIMAL(17,9) NOT NULL,
    rule VARCHAR NOT NULL -- as a line states it, with source and date
);
SELECT
    build.month,
    fx.from_currency,
    fx.to_currency,
    fx.rate,
    concat(
        '; ', fx.from_currency, ' to ', fx.to_currency, ' at ', billing.plain(fx.rate),
        ' (', fx.source, ', ', CAST(fx.quoted_on AS VARCHAR), ')'
    ) AS rule
FROM reference.fx_rate AS fx
INNER JOIN ops.build_month AS build
    ON fx.valid_from <= build.last_day
    AND (fx.valid_to IS NULL OR fx.valid_to > build.last_day);
