-- What usage costs the customer, line by line, in the currency of the invoice. Without an exchange rate there
-- is none.
WITH
charged AS (
    SELECT
        line.* EXCLUDE (month, stands_for, place),
        cost.cost,
        rated.* EXCLUDE (charge_id, price_id, side, vendor, connection, quantity),
        card.currency AS price_currency,
        fx.rate AS fx_rate,
        coalesce(fx.rule, '') AS fx_rule,
        CASE WHEN fx.rate IS NOT NULL THEN billing.fine(line.amount) END AS fine_amount
    FROM billing.rated_line AS line
    INNER JOIN ops.build_month AS build
        ON build.month = line.month
    INNER JOIN billing.rated_quantity AS rated
        ON rated.month = line.month
        AND rated.charge_id = line.charge_id
    INNER JOIN reference.rate_card AS card
        ON card.rate_card = rated.rate_card
    LEFT JOIN billing.line_cost AS cost
        ON cost.month = line.month
        AND cost.charge_id = line.charge_id
        AND cost.place = line.place
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
    converted.first_day AS service_period_start,
    coalesce(tier.end_day, converted.end_day) AS service_period_end,
    concat(
        converted.subject,
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
    CASE WHEN converted.kind = 'percentage' AND converted.days_expected IS NULL THEN 0 -- of no usage
        ELSE converted.cost
    END AS cost_amount,
    converted.rate_card,
    sku.tax_class,
    converted.days_expected,
    converted.days_reported,
    converted.days_filled
FROM converted
INNER JOIN reference.sku AS sku
    ON sku.sku = converted.sku
LEFT JOIN billing.tier_in_force AS tier
    ON tier.month = converted.month
    AND tier.price_id = converted.price_id
    AND tier.first_day = converted.first_day
    AND tier.tier_no = converted.tier_no
    AND tier.component = converted.component;
