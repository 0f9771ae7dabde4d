-- What usage costs the customer: tiers, what is included, cost plus and percentages, minimum and maximum;
-- with the cost of the usage shared out to those that it stands for. Without an exchange rate there is none.
WITH
line AS (
    SELECT
        charge_id,
        price_id,
        first_day,
        tier_no,
        component,
        CASE component WHEN 'included' THEN 'included' ELSE 'usage' END AS kind,
        quantity,
        CAST(billing.millionths(used) AS HUGEINT) * CAST(weight_part AS HUGEINT) AS stands_for,
        amount,
        '' AS figures
    FROM billing.rated_tier
    WHERE side = 'sell'
    UNION ALL
    SELECT
        plus.charge_id,
        plus.price_id,
        plus.first_day,
        1 AS tier_no,
        'cost_plus' AS component,
        'cost_plus' AS kind,
        1 AS quantity,
        CAST(billing.millionths(plus.used) AS HUGEINT) * CAST(price.weight_part AS HUGEINT) AS stands_for,
        plus.amount,
        concat('cost plus: ', billing.plain(plus.cost), ' ', price.currency, ' plus ', billing.plain(price.percent), ' %')
            AS figures
    FROM billing.rated_cost_plus AS plus
    INNER JOIN billing.price_in_force AS price
        ON price.price_id = plus.price_id
        AND price.first_day = plus.first_day
    WHERE plus.amount IS NOT NULL
    UNION ALL
    SELECT
        taken.charge_id,
        taken.price_id,
        taken.first_day,
        1 AS tier_no,
        taken.kind AS component,
        taken.kind,
        1 AS quantity,
        CAST(billing.millionths(taken.used) AS HUGEINT) * CAST(price.weight_part AS HUGEINT) AS stands_for,
        taken.amount,
        concat(
            'percentage: ', billing.plain(price.percent), ' % of ', billing.plain(taken.charged), ' ', price.currency,
            CASE price.basis WHEN '*' THEN ' for all usage' ELSE concat(' for ', price.basis) END
        ) AS figures
    FROM billing.rated_percentage AS taken
    INNER JOIN billing.price_in_force AS price
        ON price.price_id = taken.price_id
        AND price.first_day = taken.first_day
    WHERE taken.kind = 'percentage'
    UNION ALL
    SELECT
        owed.charge_id,
        owed.price_id,
        owed.month AS first_day,
        0 AS tier_no,
        owed.kind AS component,
        owed.kind,
        1 AS quantity,
        CAST(NULL AS HUGEINT) AS stands_for,
        owed.amount,
        concat(owed.kind, ': ', billing.plain(owed.stated), ' against ', billing.plain(owed.charged)) AS figures
    FROM (
        SELECT charge_id, price_id, month, kind, stated, charged, amount FROM billing.rated_limit
        UNION ALL
        SELECT charge_id, price_id, month, kind, stated, charged, amount
        FROM billing.rated_percentage
        WHERE kind <> 'percentage'
    ) AS owed
),
-- Lines in order: by first day, tier, and price before flat price.
placed AS (
    SELECT
        *,
        CAST(date_diff('day', DATE '2000-01-01', first_day) AS BIGINT) * CAST(1000000 AS BIGINT)
        + CAST(tier_no AS BIGINT) * CAST(10 AS BIGINT)
        + CASE component WHEN 'once' THEN 1 ELSE 0 END AS place
    FROM line
),
standing AS (
    SELECT
        charge_id,
        sum(stands_for) AS total,
        count(*) AS lines,
        min(place) AS first_place
    FROM placed
    WHERE stands_for IS NOT NULL
    GROUP BY charge_id
),
costing AS (
    SELECT
        standing.*,
        cost.cost,
        CASE WHEN standing.lines > 1 THEN billing.fine(cost.cost) END AS fine_cost
    FROM standing
    INNER JOIN billing.charge_cost AS cost
        ON cost.charge_id = standing.charge_id
),
-- The cost, by how much of the usage a line stands for and for which share of the month.
costed AS (
    SELECT
        placed.*,
        costing.cost,
        costing.fine_cost,
        costing.lines = 1 AND placed.stands_for IS NOT NULL AS is_only,
        placed.place = costing.first_place AND placed.stands_for IS NOT NULL AS is_first,
        CASE
            WHEN costing.lines = 1 OR placed.stands_for IS NULL THEN NULL
            WHEN costing.total = 0 THEN 0
            ELSE billing.cut(costing.fine_cost, placed.stands_for, costing.total)
        END AS fine_part
    FROM placed
    LEFT JOIN costing
        ON costing.charge_id = placed.charge_id
),
parts AS (
    SELECT charge_id, sum(fine_part) AS fine_parts
    FROM costed
    WHERE fine_part IS NOT NULL
    GROUP BY charge_id
),
shared AS (
    SELECT
        costed.*,
        CASE
            WHEN costed.is_first THEN costed.fine_cost - parts.fine_parts + costed.fine_part
            ELSE costed.fine_part
        END AS fine_share
    FROM costed
    LEFT JOIN parts
        ON parts.charge_id = costed.charge_id
),
charged AS (
    SELECT
        shared.*,
        rated.* EXCLUDE (charge_id, price_id, side, vendor, connection, quantity),
        build.last_day,
        card.currency AS price_currency,
        fx.rate AS fx_rate,
        coalesce(fx.rule, '') AS fx_rule,
        CASE WHEN fx.rate IS NOT NULL THEN billing.fine(shared.amount) END AS fine_amount
    FROM shared
    INNER JOIN billing.rated_quantity AS rated
        ON rated.charge_id = shared.charge_id
    INNER JOIN ops.build_month AS build
        ON build.month = rated.month
    INNER JOIN reference.rate_card AS card
        ON card.rate_card = rated.rate_card
    LEFT JOIN billing.fx_in_force AS fx
        ON fx.month = rated.month
        AND fx.from_currency = card.currency
        AND fx.to_currency = rated.currency
    WHERE card.currency = rated.currency
        OR fx.rate IS NOT NULL
),
converted AS (
    SELECT
        *,
        CASE WHEN fx_rate IS NOT NULL
            THEN billing.share(fine_amount, CAST(billing.nano(fx_rate) AS HUGEINT), 1000000000)
        END AS fine_converted
    FROM charged
)
SELECT
    md5(concat_ws(
        '|',
        converted.charge_id,
        converted.component,
        CAST(converted.tier_no AS VARCHAR),
        CAST(converted.first_day AS VARCHAR)
    )) AS charge_line_id,
    converted.charge_id,
    converted.month,
    converted.billing_entity_id,
    converted.billed_customer_id,
    converted.customer_id,
    converted.currency,
    converted.kind,
    converted.sku,
    converted.dimension,
    converted.tier_no,
    CASE WHEN converted.stands_for IS NULL THEN converted.month ELSE price.first_day END AS service_period_start,
    CASE WHEN converted.stands_for IS NULL THEN converted.last_day + 1 ELSE price.end_day END
        AS service_period_end,
    concat(
        sku.name,
        CASE WHEN converted.dimension = '' THEN '' ELSE concat(', ', converted.dimension) END,
        CASE WHEN converted.customer_id = converted.billed_customer_id THEN ''
            ELSE concat(', ', terms.customer_name)
        END,
        CASE converted.kind
            WHEN 'cost_plus' THEN ', by cost'
            WHEN 'percentage' THEN ', percentage'
            WHEN 'minimum' THEN ', up to the minimum'
            WHEN 'maximum' THEN ', down to the maximum'
            ELSE tier.description
        END,
        converted.metered
    ) AS description,
    concat(
        coalesce(tier.rule, converted.figures),
        CASE WHEN converted.kind IN ('percentage', 'cost_plus')
            THEN billing.part_in_words(price.proration, price.weight_part, price.weight_whole)
            ELSE ''
        END,
        CASE WHEN converted.pooled
            THEN concat('; pooled over ', CAST(converted.customers AS VARCHAR), ' customers')
            ELSE ''
        END,
        converted.fx_rule
    ) AS rule,
    CAST(converted.quantity AS DECIMAL(20,6)) AS quantity,
    coalesce(tier.unit, 'month') AS unit,
    tier.unit_price,
    converted.price_currency,
    converted.fx_rate,
    CASE WHEN converted.fx_rate IS NULL THEN converted.amount
        ELSE billing.exact(converted.fine_converted)
    END AS exact_amount,
    CASE
        WHEN converted.kind = 'percentage' AND converted.days_expected IS NULL THEN 0 -- of no usage
        WHEN converted.is_only THEN converted.cost
        ELSE billing.exact(converted.fine_share)
    END AS cost_amount,
    converted.rate_card,
    sku.tax_class,
    converted.days_expected,
    converted.days_reported,
    converted.days_filled
FROM converted
INNER JOIN reference.sku AS sku
    ON sku.sku = converted.sku
INNER JOIN billing.customer_terms AS terms
    ON terms.month = converted.month
    AND terms.customer_id = converted.customer_id
LEFT JOIN billing.price_in_force AS price
    ON price.price_id = converted.price_id
    AND price.first_day = converted.first_day
LEFT JOIN billing.tier_in_force AS tier
    ON tier.price_id = converted.price_id
    AND tier.first_day = converted.first_day
    AND tier.tier_no = converted.tier_no
    AND tier.component = converted.component;
