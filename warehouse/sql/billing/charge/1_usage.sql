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
        CAST(CAST(used AS DECIMAL(20,6)) * CAST(1000000 AS DECIMAL(7,0)) AS HUGEINT)
        * CAST(weight_part AS HUGEINT) AS stands_for,
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
        CAST(CAST(plus.used AS DECIMAL(20,6)) * CAST(1000000 AS DECIMAL(7,0)) AS HUGEINT)
        * CAST(price.weight_part AS HUGEINT) AS stands_for,
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
        CAST(CAST(taken.used AS DECIMAL(20,6)) * CAST(1000000 AS DECIMAL(7,0)) AS HUGEINT)
        * CAST(price.weight_part AS HUGEINT) AS stands_for,
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
charged AS (
    SELECT
        line.*,
        rated.* EXCLUDE (charge_id, price_id, side, vendor, connection, quantity),
        build.last_day,
        card.currency AS price_currency,
        fx.rate AS fx_rate,
        coalesce(fx.rule, '') AS fx_rule
    FROM line
    INNER JOIN billing.rated_quantity AS rated
        ON rated.charge_id = line.charge_id
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
-- The cost, by how much of the usage a line stands for and for which share of the month.
standing AS (
    SELECT charge_id, sum(stands_for) AS stands_for, count(stands_for) AS lines
    FROM line
    GROUP BY charge_id
),
costed AS (
    SELECT
        charged.*,
        cost.cost,
        CASE
            WHEN charged.stands_for IS NULL OR standing.lines = 1 THEN NULL
            WHEN standing.stands_for = 0 THEN CAST(0 AS DECIMAL(37,15))
            ELSE billing.exact(billing.cut(billing.fine(cost.cost), charged.stands_for, standing.stands_for))
        END AS part,
        standing.lines,
        CASE WHEN charged.stands_for IS NOT NULL AND standing.lines > 1 THEN row_number() OVER (
            PARTITION BY charged.charge_id, charged.stands_for IS NULL
            ORDER BY charged.first_day, charged.tier_no, charged.component DESC
        ) END AS place
    FROM charged
    INNER JOIN standing
        ON standing.charge_id = charged.charge_id
    LEFT JOIN billing.charge_cost AS cost
        ON cost.charge_id = charged.charge_id
),
parts AS (
    SELECT charge_id, sum(part) AS parts FROM costed WHERE part IS NOT NULL GROUP BY charge_id
)
SELECT
    md5(concat_ws(
        '|', costed.charge_id, costed.component, CAST(costed.tier_no AS VARCHAR), CAST(costed.first_day AS VARCHAR)
    )) AS charge_line_id,
    costed.charge_id,
    costed.month,
    costed.billing_entity_id,
    costed.billed_customer_id,
    costed.customer_id,
    costed.currency,
    costed.kind,
    costed.sku,
    costed.dimension,
    costed.tier_no,
    coalesce(price.first_day, costed.month) AS service_period_start,
    coalesce(price.end_day, costed.last_day + 1) AS service_period_end,
    concat(
        sku.name,
        CASE WHEN costed.dimension = '' THEN '' ELSE concat(', ', costed.dimension) END,
        CASE WHEN costed.customer_id = costed.billed_customer_id THEN '' ELSE concat(', ', terms.customer_name) END,
        CASE costed.kind
            WHEN 'cost_plus' THEN ', by cost'
            WHEN 'percentage' THEN ', percentage'
            WHEN 'minimum' THEN ', up to the minimum'
            WHEN 'maximum' THEN ', down to the maximum'
            ELSE tier.description
        END,
        costed.metered
    ) AS description,
    concat(
        coalesce(tier.rule, costed.figures),
        CASE
            WHEN costed.kind IN ('percentage', 'cost_plus')
                THEN billing.part_in_words(price.proration, price.weight_part, price.weight_whole)
            ELSE ''
        END,
        CASE WHEN costed.pooled THEN concat('; pooled over ', CAST(costed.customers AS VARCHAR), ' customers') ELSE '' END,
        costed.fx_rule
    ) AS rule,
    CAST(costed.quantity AS DECIMAL(20,6)) AS quantity,
    coalesce(tier.unit, 'month') AS unit,
    tier.unit_price,
    costed.price_currency,
    costed.fx_rate,
    CASE WHEN costed.fx_rate IS NULL THEN costed.amount
        ELSE billing.converted(costed.amount, costed.fx_rate)
    END AS exact_amount,
    CAST(CASE
        WHEN costed.stands_for IS NULL THEN NULL
        WHEN costed.lines = 1 THEN costed.cost
        WHEN costed.place = 1 THEN costed.cost - parts.parts + costed.part
        ELSE costed.part
    END AS DECIMAL(37,15)) AS cost_amount,
    costed.rate_card,
    sku.tax_class,
    costed.days_expected,
    costed.days_reported,
    costed.days_filled
FROM costed
INNER JOIN reference.sku AS sku
    ON sku.sku = costed.sku
INNER JOIN billing.customer_terms AS terms
    ON terms.month = costed.month
    AND terms.customer_id = costed.customer_id
LEFT JOIN billing.price_in_force AS price
    ON price.price_id = costed.price_id
    AND price.first_day = costed.first_day
    AND costed.stands_for IS NOT NULL
LEFT JOIN billing.tier_in_force AS tier
    ON tier.price_id = costed.price_id
    AND tier.first_day = costed.first_day
    AND tier.tier_no = costed.tier_no
    AND tier.component = costed.component
LEFT JOIN parts
    ON parts.charge_id = costed.charge_id;
