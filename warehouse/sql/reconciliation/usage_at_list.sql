-- What usage that is charged to nobody, or is in doubt, comes to at list price: by the first rate card in the
-- currency of the books that it would stand in, those of the first billing entity where that is not known. What
-- has no price there counts at what the vendor charges for it.
-- grain: one SKU and dimension of one account, customer or usage record, for one reason in one month
-- key: month, reason, vendor, connection, account_id, customer_id, subject, sku, dimension
-- asset: no, a step on the way to reconciliation.discrepancy
-- source: billing.unmapped_usage, billing.usage_record, billing.uncharged_usage, billing.metered_figure,
--     billing.sold_meter, billing.customer_terms, billing.cost_terms, billing.fx_in_force,
--     reconciliation.doubtful_usage, reference.billing_entity, reference.rate_card, reference.rate
-- partition: month
-- rebuilds: month
-- units: quantity in the SKU's unit, amount in currency
-- rounding: an amount in another currency once to 15 decimals, half away from zero
CREATE TABLE IF NOT EXISTS reconciliation.usage_at_list (
    month DATE NOT NULL,
    reason VARCHAR NOT NULL, -- unmapped, excluded, excluded at first, uncharged, or the code of the check that doubts it
    vendor VARCHAR NOT NULL,
    connection VARCHAR NOT NULL,
    account_id VARCHAR NOT NULL, -- '' where it is not of one account
    customer_id VARCHAR NOT NULL, -- '' for nobody's
    subject VARCHAR NOT NULL, -- usage record, why it is excluded, or what the check tells apart
    sku VARCHAR NOT NULL,
    dimension VARCHAR NOT NULL,
    quantity DECIMAL(38,6) NOT NULL,
    rate_card VARCHAR, -- null, as the amount, when there is no price
    currency VARCHAR,
    amount DECIMAL(37,15)
);
WITH
excluded AS (
    SELECT
        record.month,
        record.vendor,
        record.connection,
        coalesce(record.customer_id, '') AS customer_id,
        record.not_billable_reason AS subject,
        record.sku,
        record.dimension,
        sum(record.quantity) AS quantity
    FROM billing.usage_record AS record
    WHERE starts_with(record.not_billable_reason, 'excluded: ')
        AND record.quantity IS NOT NULL
    GROUP BY ALL
),
first_month AS (
    SELECT vendor, connection, customer_id, subject, min(month) AS month
    FROM excluded
    GROUP BY vendor, connection, customer_id, subject
),
ruled AS (
    SELECT DISTINCT * EXCLUDE (product, size) FROM billing.sold_meter
),
-- A quantity that is not known is what the days that were reported make, or would have made by the gap policy.
uncharged AS (
    SELECT
        record.month,
        terms.billing_entity_id,
        record.vendor,
        record.connection,
        record.customer_id,
        record.usage_record_id AS subject,
        record.sku,
        record.dimension,
        coalesce(
            CAST(record.quantity AS DECIMAL(38,6)),
            CAST(
                CAST(
                    CAST(billing.share(
                        figure.figure, ruled.part, CAST(ruled.whole AS HUGEINT) * CAST(figure.divisor AS HUGEINT)
                    ) AS HUGEINT)
                    * CAST(ruled.step_millionths AS HUGEINT) AS DECIMAL(32,0)
                ) * CAST(0.000001 AS DECIMAL(6,6)) AS DECIMAL(38,6)
            )
        ) AS quantity
    FROM (SELECT DISTINCT month, usage_record_id FROM billing.uncharged_usage) AS uncharged
    INNER JOIN ops.build_month AS build
        ON build.month = uncharged.month
    INNER JOIN billing.usage_record AS record
        ON record.month = uncharged.month
        AND record.usage_record_id = uncharged.usage_record_id
    LEFT JOIN billing.customer_terms AS terms
        ON terms.month = record.month
        AND terms.customer_id = record.customer_id
    LEFT JOIN billing.metered_figure AS figure
        ON figure.month = record.month
        AND figure.owner = record.owner
        AND figure.on_trial = record.on_trial
        AND figure.sold = record.sold
    LEFT JOIN ruled
        ON ruled.month = record.month
        AND ruled.sold = record.sold
),
asked AS (
    SELECT
        usage.month,
        'unmapped' AS reason,
        CAST(NULL AS VARCHAR) AS billing_entity_id,
        usage.vendor,
        usage.connection,
        usage.account_id,
        '' AS customer_id,
        '' AS subject,
        usage.sku,
        usage.dimension,
        CAST(usage.quantity AS DECIMAL(38,6)) AS quantity
    FROM billing.unmapped_usage AS usage
    INNER JOIN ops.build_month AS build
        ON build.month = usage.month
    WHERE usage.quantity IS NOT NULL
    UNION ALL BY NAME
    SELECT 'excluded' AS reason, '' AS account_id, excluded.*
    FROM excluded
    INNER JOIN ops.build_month AS build
        ON build.month = excluded.month
    UNION ALL BY NAME
    SELECT 'excluded at first' AS reason, '' AS account_id, excluded.* REPLACE (build.month AS month)
    FROM excluded
    INNER JOIN first_month
        ON first_month.vendor = excluded.vendor
        AND first_month.connection = excluded.connection
        AND first_month.customer_id = excluded.customer_id
        AND first_month.subject = excluded.subject
        AND first_month.month = excluded.month
    INNER JOIN ops.build_month AS build
        ON build.month > excluded.month
    UNION ALL BY NAME
    SELECT 'uncharged' AS reason, '' AS account_id, uncharged.*
    FROM uncharged
    WHERE uncharged.quantity IS NOT NULL
    UNION ALL BY NAME
    SELECT
        doubt.month,
        doubt.code AS reason,
        -- What is about many customers is counted in one currency.
        CASE WHEN doubt.code NOT IN ('R-10', 'R-51') THEN doubt.billing_entity_id END
            AS billing_entity_id,
        doubt.vendor,
        doubt.connection,
        doubt.account_id,
        doubt.customer_id,
        concat_ws('|', doubt.subject, doubt.product, doubt.meter) AS subject,
        doubt.sku,
        doubt.dimension,
        CAST(abs(doubt.quantity) AS DECIMAL(38,6)) AS quantity
    FROM reconciliation.doubtful_usage AS doubt
    INNER JOIN ops.build_month AS build
        ON build.month = doubt.month
    WHERE doubt.quantity IS NOT NULL
),
main AS (
    SELECT min(billing_entity_id) AS billing_entity_id FROM reference.billing_entity
),
placed AS (
    SELECT
        asked.* REPLACE (entity.billing_entity_id AS billing_entity_id),
        entity.currency,
        -- No figure of more digits is anybody's usage, and its money has to fit a column.
        CAST(least(asked.quantity, CAST(99999999999 AS DECIMAL(38,6))) AS DECIMAL(20,6)) AS counted
    FROM asked
    CROSS JOIN main
    INNER JOIN reference.billing_entity AS entity
        ON entity.billing_entity_id = coalesce(asked.billing_entity_id, main.billing_entity_id)
),
wanted AS (
    SELECT DISTINCT month, billing_entity_id, currency, vendor, connection, sku, dimension FROM placed
),
list AS (
    SELECT currency, min(rate_card) AS rate_card FROM reference.rate_card WHERE side = 'sell' GROUP BY currency
),
card AS (
    SELECT wanted.*, list.rate_card, wanted.currency AS price_currency, 'list' AS kind
    FROM wanted
    INNER JOIN list
        ON list.currency = wanted.currency
    UNION ALL
    SELECT wanted.*, terms.rate_card, terms.currency AS price_currency, 'vendor' AS kind
    FROM wanted
    INNER JOIN billing.cost_terms AS terms
        ON terms.month = wanted.month
        AND terms.vendor = wanted.vendor
        AND terms.connection = wanted.connection
),
price AS (
    SELECT
        card.*,
        rate.dimension AS rate_dimension,
        rate.valid_from,
        rate.model,
        rate.included,
        rate.package_size,
        row_number() OVER (
            PARTITION BY card.month, card.billing_entity_id, card.vendor, card.connection, card.sku, card.dimension
            ORDER BY card.kind, rate.dimension DESC, rate.valid_from DESC
        ) AS place
    FROM card
    INNER JOIN reference.rate AS rate
        ON rate.rate_card = card.rate_card
        AND rate.sku = card.sku
        AND rate.customer_id = ''
        AND rate.dimension IN (card.dimension, '')
        AND rate.tier_from = 0
        AND rate.model IN ('flat', 'per_unit', 'graduated', 'volume', 'package')
        AND rate.valid_from <= last_day(card.month)
        AND (rate.valid_to IS NULL OR rate.valid_to > card.month)
),
tier AS (
    SELECT
        placed.*,
        price.rate_card,
        price.price_currency,
        price.model,
        price.package_size,
        tier.tier_from,
        tier.tier_to,
        tier.unit_price,
        CASE WHEN price.model IN ('graduated', 'volume') THEN tier.flat_price ELSE 0 END AS flat_price,
        CASE
            WHEN price.model = 'flat' THEN placed.counted
            ELSE CAST(greatest(placed.counted - price.included, 0) AS DECIMAL(20,6))
        END AS paid
    FROM placed
    LEFT JOIN price
        ON price.month = placed.month
        AND price.billing_entity_id = placed.billing_entity_id
        AND price.vendor = placed.vendor
        AND price.connection = placed.connection
        AND price.sku = placed.sku
        AND price.dimension = placed.dimension
        AND price.place = 1
    LEFT JOIN reference.rate AS tier
        ON tier.rate_card = price.rate_card
        AND tier.customer_id = ''
        AND tier.sku = price.sku
        AND tier.dimension = price.rate_dimension
        AND tier.valid_from = price.valid_from
),
held AS (
    SELECT
        *,
        CAST(CASE
            WHEN model = 'flat' THEN 1
            WHEN paid <= tier_from OR (model = 'volume' AND paid > tier_to) THEN 0
            WHEN model = 'graduated' THEN least(paid, coalesce(tier_to, paid)) - tier_from
            WHEN model = 'package' THEN CAST(
                (billing.millionths(paid) + billing.millionths(package_size) - 1) // billing.millionths(package_size)
                AS DECIMAL(20,6)
            )
            ELSE paid
        END AS DECIMAL(20,6)) AS holds
    FROM tier
),
summed AS (
    SELECT
        * EXCLUDE (
            billing_entity_id, counted, model, package_size, tier_from, tier_to, unit_price, flat_price, paid, holds
        ),
        CAST(sum(
            CAST(holds AS DECIMAL(20,6)) * CAST(unit_price AS DECIMAL(17,9)) + CASE WHEN holds = 0 THEN 0 ELSE flat_price END
        ) AS DECIMAL(37,15)) AS price_amount
    FROM held
    GROUP BY ALL
)
SELECT
    summed.* EXCLUDE (price_currency, price_amount),
    CASE
        WHEN summed.price_currency = summed.currency THEN summed.price_amount
        ELSE billing.converted(summed.price_amount, fx.rate)
    END AS amount
FROM summed
LEFT JOIN billing.fx_in_force AS fx
    ON fx.month = summed.month
    AND fx.from_currency = summed.price_currency
    AND fx.to_currency = summed.currency;
