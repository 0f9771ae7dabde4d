-- What will be a line each, in the currency of the rate card: tiers, what is included, cost plus and
-- percentages, minimum and maximum; with the usage that each stands for, weighted.
-- grain: one line of one quantity priced on the sell side
-- key: charge_id, first_day, tier_no, component
-- asset: no, a step on the way to others
-- source: billing.rated_tier, billing.rated_cost_plus, billing.rated_percentage, billing.rated_limit,
--     billing.price_in_force
CREATE OR REPLACE VIEW billing.rated_line AS
SELECT
    tier.charge_id,
    tier.month,
    tier.price_id,
    tier.first_day,
    CAST(NULL AS DATE) AS end_day, -- as figures, of billing.tier_in_force
    tier.tier_no,
    tier.component,
    CASE tier.component WHEN 'included' THEN 'included' ELSE 'usage' END AS kind,
    tier.quantity,
    CAST(billing.millionths(tier.used) AS HUGEINT) * CAST(tier.weight_part AS HUGEINT) AS stands_for,
    tier.amount,
    CAST(date_diff('day', DATE '2000-01-01', tier.first_day) AS BIGINT) * CAST(1000000 AS BIGINT)
    + CAST(tier.tier_no AS BIGINT) * CAST(10 AS BIGINT)
    + CASE tier.component WHEN 'once' THEN 1 ELSE 0 END AS place,
    CAST(NULL AS VARCHAR) AS figures
FROM billing.rated_tier AS tier
WHERE tier.side = 'sell'
UNION ALL
SELECT
    plus.charge_id,
    plus.month,
    plus.price_id,
    plus.first_day,
    price.end_day,
    1 AS tier_no,
    'cost_plus' AS component,
    'cost_plus' AS kind,
    1 AS quantity,
    CAST(billing.millionths(plus.used) AS HUGEINT) * CAST(price.weight_part AS HUGEINT) AS stands_for,
    plus.amount,
    CAST(date_diff('day', DATE '2000-01-01', plus.first_day) AS BIGINT) * CAST(1000000 AS BIGINT)
    + CAST(1 AS BIGINT) * CAST(10 AS BIGINT) AS place,
    concat(
        'cost plus: ', billing.plain(plus.cost), ' ', price.currency, ' plus ', billing.plain(price.percent), ' %',
        billing.part_in_words(price.proration, price.weight_part, price.weight_whole)
    ) AS figures
FROM billing.rated_cost_plus AS plus
INNER JOIN billing.price_in_force AS price
    ON price.price_id = plus.price_id
    AND price.first_day = plus.first_day
WHERE plus.amount IS NOT NULL
UNION ALL
SELECT
    taken.charge_id,
    taken.month,
    taken.price_id,
    taken.first_day,
    price.end_day,
    1 AS tier_no,
    taken.kind AS component,
    taken.kind,
    1 AS quantity,
    CAST(billing.millionths(taken.used) AS HUGEINT) * CAST(price.weight_part AS HUGEINT) AS stands_for,
    taken.amount,
    CAST(date_diff('day', DATE '2000-01-01', taken.first_day) AS BIGINT) * CAST(1000000 AS BIGINT)
    + CAST(1 AS BIGINT) * CAST(10 AS BIGINT) AS place,
    concat(
        'percentage: ', billing.plain(price.percent), ' % of ', billing.plain(taken.charged), ' ', price.currency,
        CASE price.basis WHEN '*' THEN ' for all usage' ELSE concat(' for ', price.basis) END,
        billing.part_in_words(price.proration, price.weight_part, price.weight_whole)
    ) AS figures
FROM billing.rated_percentage AS taken
INNER JOIN billing.price_in_force AS price
    ON price.price_id = taken.price_id
    AND price.first_day = taken.first_day
WHERE taken.kind = 'percentage'
UNION ALL
SELECT
    owed.charge_id,
    owed.month,
    owed.price_id,
    owed.month AS first_day,
    last_day(owed.month) + 1 AS end_day,
    0 AS tier_no,
    owed.kind AS component,
    owed.kind,
    1 AS quantity,
    CAST(NULL AS HUGEINT) AS stands_for,
    owed.amount,
    CAST(NULL AS BIGINT) AS place,
    concat(owed.kind, ': ', billing.plain(owed.stated), ' against ', billing.plain(owed.charged)) AS figures
FROM (
    SELECT charge_id, price_id, month, kind, stated, charged, amount FROM billing.rated_limit
    UNION ALL
    SELECT charge_id, price_id, month, kind, stated, charged, amount
    FROM billing.rated_percentage
    WHERE kind <> 'percentage'
) AS owed;
