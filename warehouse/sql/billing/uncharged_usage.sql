-- Billable usage that is not charged, and contracts whose customer has no terms: why, in a sentence.
-- grain: one reason why one usage record, or one contract, is not charged, or not for all of the month
-- key: month, usage_record_id, contract_id, reason
-- source: billing.usage_record, billing.customer_terms, billing.charge_usage, billing.rated_quantity,
--     billing.price_in_force, billing.rated_cost_plus, billing.fx_in_force, reference.rate_card, reference.contract
-- partition: month
-- rebuilds: month
-- units: the SKU's
-- rounding: none
CREATE TABLE IF NOT EXISTS billing.uncharged_usage (
    month DATE NOT NULL,
    usage_record_id VARCHAR NOT NULL, -- '' for a contract
    contract_id VARCHAR NOT NULL, -- '' for usage
    billing_entity_id VARCHAR, -- null, as the next, when the customer has no terms
    billed_customer_id VARCHAR,
    customer_id VARCHAR,
    vendor VARCHAR,
    connection VARCHAR,
    sku VARCHAR,
    dimension VARCHAR,
    quantity DECIMAL(20,6),
    reason VARCHAR NOT NULL, -- unknown quantity, no terms, no price, no exchange rate, no cost
    why VARCHAR NOT NULL
);
WITH
record AS (
    SELECT
        record.*,
        terms.billing_entity_id,
        terms.billed_customer_id,
        terms.currency,
        terms.rate_card
    FROM billing.usage_record AS record
    INNER JOIN ops.build_month AS build
        ON build.month = record.month
    LEFT JOIN billing.customer_terms AS terms
        ON terms.month = record.month
        AND terms.customer_id = record.customer_id
    WHERE record.billable
),
-- The days without a price, of prices that are asked for. They are all days of the month, or some.
unpriced AS (
    SELECT
        price.price_id,
        min(CASE WHEN price.model IS NULL THEN price.first_day END) AS first_day,
        CAST(sum(CASE WHEN price.model IS NULL THEN date_diff('day', price.first_day, price.end_day) ELSE 0 END) AS BIGINT)
            AS days,
        count(price.model) AS prices
    FROM billing.price_in_force AS price
    INNER JOIN ops.build_month AS build
        ON build.month = price.month
    WHERE price.side = 'sell'
    GROUP BY price.price_id
    HAVING count(*) > count(price.model)
),
-- A charge with why it is not made; a quantity of zero without any price is nothing to charge.
fault AS (
    SELECT
        rated.month,
        rated.charge_id,
        'no price' AS reason,
        concat(
            'Rate card ',
            rated.rate_card,
            ' has no price for ',
            rated.sku,
            CASE WHEN rated.dimension = '' THEN '' ELSE concat(' (', rated.dimension, ')') END,
            ' on ',
            CAST(unpriced.days AS VARCHAR),
            CASE unpriced.days WHEN 1 THEN ' day' ELSE ' days' END,
            ' from ',
            CAST(unpriced.first_day AS VARCHAR),
            ': add it to rate.'
        ) AS why
    FROM billing.rated_quantity AS rated
    INNER JOIN unpriced
        ON unpriced.price_id = rated.price_id
    WHERE rated.side = 'sell'
        AND (rated.quantity <> 0 OR unpriced.prices > 0)
    UNION ALL
    SELECT
        rated.month,
        rated.charge_id,
        'no exchange rate' AS reason,
        concat(
            'No exchange rate from ',
            card.currency,
            ' to ',
            rated.currency,
            ' holds on the last day of the month: add it to fx_rate.'
        ) AS why
    FROM billing.rated_quantity AS rated
    INNER JOIN ops.build_month AS build
        ON build.month = rated.month
    INNER JOIN reference.rate_card AS card
        ON card.rate_card = rated.rate_card
    LEFT JOIN billing.fx_in_force AS fx
        ON fx.month = rated.month
        AND fx.from_currency = card.currency
        AND fx.to_currency = rated.currency
    WHERE rated.side = 'sell'
        AND card.currency <> rated.currency
        AND fx.rate IS NULL
    UNION ALL
    SELECT DISTINCT
        plus.month,
        plus.charge_id,
        'no cost' AS reason,
        concat(
            'The price is what ',
            rated.sku,
            ' costs us plus a percentage, and the cost is not known: complete vendor_terms, the cost card in rate, or fx_rate.'
        ) AS why
    FROM billing.rated_cost_plus AS plus
    INNER JOIN ops.build_month AS build
        ON build.month = plus.month
    INNER JOIN billing.rated_quantity AS rated
        ON rated.charge_id = plus.charge_id
    WHERE plus.amount IS NULL
),
found AS (
    SELECT
        record.*,
        'unknown quantity' AS reason,
        concat('The quantity is not known: ', coalesce(record.why_unknown, 'it was not reported.')) AS why
    FROM record
    WHERE record.quantity IS NULL
    UNION ALL
    SELECT
        record.*,
        'no terms' AS reason,
        concat(
            'Customer ',
            coalesce(record.customer_id, ''),
            ' has no terms in the month, or nobody above it gets an invoice: complete customer.'
        ) AS why
    FROM record
    WHERE record.billed_customer_id IS NULL
    UNION ALL
    SELECT record.*, fault.reason, fault.why
    FROM fault
    INNER JOIN billing.charge_usage AS usage
        ON usage.month = fault.month
        AND usage.charge_id = fault.charge_id
    INNER JOIN record
        ON record.month = usage.month
        AND record.usage_record_id = usage.usage_record_id
)
SELECT
    month,
    usage_record_id,
    '' AS contract_id,
    billing_entity_id,
    billed_customer_id,
    customer_id,
    vendor,
    connection,
    sku,
    dimension,
    quantity,
    reason,
    why
FROM found
UNION ALL
SELECT
    contract.month,
    '' AS usage_record_id,
    contract.contract_id,
    CAST(NULL AS VARCHAR) AS billing_entity_id,
    CAST(NULL AS VARCHAR) AS billed_customer_id,
    contract.customer_id,
    CAST(NULL AS VARCHAR) AS vendor,
    CAST(NULL AS VARCHAR) AS connection,
    CAST(NULL AS VARCHAR) AS sku,
    CAST(NULL AS VARCHAR) AS dimension,
    CAST(NULL AS DECIMAL(20,6)) AS quantity,
    'no terms' AS reason,
    concat(
        'Customer ',
        contract.customer_id,
        ' has no terms in the month, but contract ',
        contract.contract_id,
        ' holds: complete customer, or end the contract.'
    ) AS why
FROM (
    SELECT
        build.month,
        held.contract_id,
        held.customer_id,
        row_number() OVER (PARTITION BY build.month, held.contract_id ORDER BY held.valid_from DESC) AS place
    FROM reference.contract AS held
    INNER JOIN ops.build_month AS build
        ON held.valid_from <= build.last_day
        AND (held.valid_to IS NULL OR held.valid_to > build.month)
) AS contract
LEFT JOIN billing.customer_terms AS terms
    ON terms.month = contract.month
    AND terms.customer_id = contract.customer_id
WHERE contract.place = 1
    AND terms.customer_id IS NULL;
