-- Usage against the lines that bill it, both ways: what each customer's usage records come to at the prices
-- that hold, worked out anew, beside what stands on drafts and live invoices. Neither side reads the charges
-- that lines are made from. Where a price of the month is a percentage or a share of cost, the days on which it
-- holds are left out: no quantity of theirs stands on a line, and billing.charge has no second way to them but
-- `backup-billing verify`. Minimum, maximum, discounts and contracts are checked apart.
-- grain: one customer, SKU and dimension on the invoices of one billed customer in one month, and in it one run
--     of days with one price
-- key: month, billing_entity_id, billed_customer_id, currency, customer_id, sku, dimension, service_period_start
-- source: billing.usage_record, billing.customer_terms, billing.price_in_force, billing.tier_in_force,
--     billing.fx_in_force, reconciliation.live_line, reconciliation.restated
-- partition: month
-- rebuilds: month
-- units: quantities in unit; prices in the currency of the rate card, amounts in the invoice's
-- rounding: each line, weighted and converted, to 15 decimals, half away from zero
CREATE TABLE IF NOT EXISTS reconciliation.billed_usage (
    month DATE NOT NULL,
    billing_entity_id VARCHAR NOT NULL,
    billed_customer_id VARCHAR NOT NULL,
    currency VARCHAR NOT NULL, -- of the invoice
    customer_id VARCHAR NOT NULL, -- the billed one where the price is pooled
    sku VARCHAR NOT NULL,
    dimension VARCHAR NOT NULL,
    service_period_start DATE NOT NULL,
    document VARCHAR, -- on which it stands; null where it stands on none
    unit VARCHAR, -- the SKU's, package, or month for a flat price
    used_quantity DECIMAL(20,6), -- of all usage records, in the SKU's unit; null where there is none
    expected_quantity DECIMAL(20,6), -- that should stand on lines, as the next; null where none should
    expected_amount DECIMAL(37,15),
    billed_quantity DECIMAL(20,6), -- that does; null where none does
    billed_amount DECIMAL(37,15),
    highest_price DECIMAL(18,9), -- of any tier of the price that holds, or its minimum; null where nothing was used
    expected_prices DECIMAL(38,9), -- of the lines that should stand, added up, and of those that do
    billed_prices DECIMAL(38,9),
    lowest_billed_price DECIMAL(17,9), -- of the lines that carry the quantity
    least_amount DECIMAL(37,15), -- the price's minimum, where it holds for the whole month
    rate_card VARCHAR,
    has_own_price BOOLEAN NOT NULL, -- whether the price that holds is this customer's
    is_restated BOOLEAN NOT NULL, -- whether what became known later accounts for the difference
    is_settled BOOLEAN NOT NULL -- and whether it is made up for
);
WITH
priced AS (
    SELECT
        terms.month,
        terms.billing_entity_id,
        terms.billed_customer_id,
        terms.currency,
        record.customer_id,
        record.sku,
        record.dimension,
        record.quantity,
        price.price_id,
        price.pooled,
        row_number() OVER (
            PARTITION BY record.usage_record_id ORDER BY price.price_customer_id DESC, price.first_day
        ) AS place
    FROM billing.usage_record AS record
    INNER JOIN ops.build_month AS build
        ON build.month = record.month
    INNER JOIN billing.customer_terms AS terms
        ON terms.month = record.month
        AND terms.customer_id = record.customer_id
    LEFT JOIN billing.price_in_force AS price
        ON price.month = record.month
        AND price.side = 'sell'
        AND price.rate_card = terms.rate_card
        AND price.sku = record.sku
        AND price.dimension = record.dimension
        AND price.time_zone = terms.time_zone
        AND price.price_customer_id IN ('', terms.billed_customer_id)
    WHERE record.billable
        AND record.quantity IS NOT NULL
),
used AS (
    SELECT
        month,
        billing_entity_id,
        billed_customer_id,
        currency,
        CASE WHEN pooled THEN billed_customer_id ELSE customer_id END AS customer_id,
        sku,
        dimension,
        price_id,
        CAST(sum(quantity) AS DECIMAL(20,6)) AS quantity,
        CAST(count(DISTINCT customer_id) AS DECIMAL(10,0)) AS customers
    FROM priced
    WHERE place = 1
    GROUP BY ALL
),
sized AS (
    SELECT
        used.* EXCLUDE (price_id, customers),
        tier.first_day,
        tier.model,
        tier.component,
        tier.tier_from,
        tier.tier_to,
        tier.package_size,
        tier.unit_price,
        tier.unit,
        tier.weight_part,
        tier.weight_whole,
        price.rate_card,
        price.currency AS price_currency,
        price.minimum,
        price.rate_customer_id <> '' AS has_own_price,
        CASE
            WHEN used.quantity < 0 OR tier.model = 'flat' THEN 0
            ELSE least(used.quantity, CAST(tier.included AS DECIMAL(20,6)) * CAST(used.customers AS DECIMAL(10,0)))
        END AS free
    FROM used
    INNER JOIN billing.tier_in_force AS tier
        ON tier.month = used.month
        AND tier.price_id = used.price_id
    INNER JOIN billing.price_in_force AS price
        ON price.month = used.month
        AND price.price_id = used.price_id
        AND price.first_day = tier.first_day
),
held AS (
    SELECT
        *,
        CAST(CASE
            WHEN model = 'flat' THEN 1
            WHEN component = 'included' THEN free
            WHEN paid <= tier_from THEN 0
            WHEN model = 'volume' AND paid > tier_to THEN 0
            WHEN component = 'once' THEN 1
            WHEN model = 'graduated' THEN least(paid, coalesce(tier_to, paid)) - tier_from
            WHEN model = 'package' THEN CAST(
                (billing.millionths(paid) + billing.millionths(package_size) - 1)
                // billing.millionths(package_size) AS DECIMAL(20,6)
            )
            ELSE paid
        END AS DECIMAL(20,6)) AS holds
    FROM (SELECT *, CAST(abs(quantity) - free AS DECIMAL(20,6)) AS paid FROM sized) AS paid
),
amount AS (
    SELECT
        held.*,
        CAST(CASE WHEN quantity < 0 AND model <> 'flat' THEN -holds ELSE holds END AS DECIMAL(20,6)) AS line_quantity,
        CAST(CASE WHEN quantity < 0 AND model <> 'flat' THEN -holds ELSE holds END AS DECIMAL(20,6))
        * CAST(unit_price AS DECIMAL(17,9)) AS month_amount,
        fx.rate
    FROM held
    LEFT JOIN billing.fx_in_force AS fx
        ON fx.month = held.month
        AND fx.from_currency = held.price_currency
        AND fx.to_currency = held.currency
    WHERE held.price_currency = held.currency
        OR fx.rate IS NOT NULL
),
-- In whole numbers of 10^-15.
fine AS (
    SELECT
        *,
        billing.fine(month_amount) AS fine_month,
        CASE WHEN weight_part = weight_whole THEN billing.fine(minimum) END AS fine_minimum,
        CASE WHEN rate IS NOT NULL THEN CAST(billing.nano(rate) AS HUGEINT) END AS nano_rate
    FROM amount
),
weighted AS (
    SELECT
        *,
        CASE WHEN weight_part = weight_whole THEN fine_month
            ELSE billing.share(fine_month, weight_part, weight_whole)
        END AS fine_weighted
    FROM fine
),
converted AS (
    SELECT
        *,
        CASE WHEN rate IS NULL THEN fine_weighted ELSE billing.share(fine_weighted, nano_rate, 1000000000) END
            AS fine_amount,
        CASE WHEN rate IS NULL THEN fine_minimum ELSE billing.share(fine_minimum, nano_rate, 1000000000) END
            AS fine_least
    FROM weighted
),
expected AS (
    SELECT
        month,
        billing_entity_id,
        billed_customer_id,
        currency,
        customer_id,
        sku,
        dimension,
        first_day AS service_period_start,
        rate_card,
        has_own_price,
        coalesce(min(unit) FILTER (WHERE unit <> 'month'), 'month') AS unit,
        -- What comes to nothing stands on no line, unless it is included.
        sum(line_quantity) FILTER (
            WHERE unit <> 'month' AND line_quantity <> 0 AND (fine_amount <> 0 OR component = 'included')
        ) AS quantity,
        sum(line_quantity) FILTER (WHERE unit = 'month' AND fine_amount <> 0) AS months,
        billing.exact(sum(fine_amount)) AS amount,
        max(greatest(unit_price, coalesce(minimum, 0))) FILTER (WHERE component <> 'included') AS highest_price,
        sum(unit_price) FILTER (WHERE fine_amount <> 0) AS prices,
        billing.exact(max(fine_least)) AS least_amount
    FROM converted
    GROUP BY ALL
),
billed AS (
    SELECT
        line.month,
        line.billing_entity_id,
        line.billed_customer_id,
        line.currency,
        line.customer_id,
        line.sku,
        line.dimension,
        line.service_period_start,
        min(line.document) AS document,
        min(line.rate_card) AS rate_card,
        coalesce(min(line.unit) FILTER (WHERE line.unit <> 'month'), 'month') AS unit,
        sum(line.quantity) FILTER (WHERE line.unit <> 'month') AS quantity,
        sum(line.quantity) FILTER (WHERE line.unit = 'month') AS months,
        sum(line.exact_amount) AS amount,
        sum(line.unit_price) AS prices,
        min(line.unit_price) FILTER (WHERE line.kind = 'usage') AS lowest_price
    FROM reconciliation.live_line AS line
    INNER JOIN ops.build_month AS build
        ON build.month = line.month
    WHERE line.kind IN ('usage', 'included')
        AND line.charge_class = ''
    GROUP BY ALL
),
compared AS (
    SELECT
        coalesce(expected.month, billed.month) AS month,
        coalesce(expected.billing_entity_id, billed.billing_entity_id) AS billing_entity_id,
        coalesce(expected.billed_customer_id, billed.billed_customer_id) AS billed_customer_id,
        coalesce(expected.currency, billed.currency) AS currency,
        coalesce(expected.customer_id, billed.customer_id) AS customer_id,
        coalesce(expected.sku, billed.sku) AS sku,
        coalesce(expected.dimension, billed.dimension) AS dimension,
        coalesce(expected.service_period_start, billed.service_period_start) AS service_period_start,
        billed.document,
        coalesce(expected.unit, billed.unit) AS unit,
        coalesce(expected.quantity, expected.months) AS expected_quantity,
        expected.amount AS expected_amount,
        coalesce(billed.quantity, billed.months) AS billed_quantity,
        billed.amount AS billed_amount,
        expected.highest_price,
        expected.least_amount,
        expected.prices AS expected_prices,
        billed.prices AS billed_prices,
        billed.lowest_price AS lowest_billed_price,
        coalesce(billed.rate_card, expected.rate_card) AS rate_card,
        coalesce(expected.has_own_price, false) AS has_own_price
    FROM expected
    FULL JOIN billed
        ON billed.month = expected.month
        AND billed.billing_entity_id = expected.billing_entity_id
        AND billed.billed_customer_id = expected.billed_customer_id
        AND billed.currency = expected.currency
        AND billed.customer_id = expected.customer_id
        AND billed.sku = expected.sku
        AND billed.dimension = expected.dimension
        AND billed.service_period_start = expected.service_period_start
)
SELECT
    compared.month,
    compared.billing_entity_id,
    compared.billed_customer_id,
    compared.currency,
    compared.customer_id,
    compared.sku,
    compared.dimension,
    compared.service_period_start,
    compared.document,
    compared.unit,
    used.quantity AS used_quantity,
    CAST(compared.expected_quantity AS DECIMAL(20,6)) AS expected_quantity,
    CAST(compared.expected_amount AS DECIMAL(37,15)) AS expected_amount,
    CAST(compared.billed_quantity AS DECIMAL(20,6)) AS billed_quantity,
    CAST(compared.billed_amount AS DECIMAL(37,15)) AS billed_amount,
    CAST(compared.highest_price AS DECIMAL(18,9)) AS highest_price,
    CAST(compared.expected_prices AS DECIMAL(38,9)) AS expected_prices,
    CAST(compared.billed_prices AS DECIMAL(38,9)) AS billed_prices,
    compared.lowest_billed_price,
    compared.least_amount,
    compared.rate_card,
    compared.has_own_price,
    coalesce(restated.is_learned, false) AS is_restated,
    coalesce(restated.is_settled, false) AS is_settled
FROM compared
LEFT JOIN used
    ON used.month = compared.month
    AND used.billing_entity_id = compared.billing_entity_id
    AND used.billed_customer_id = compared.billed_customer_id
    AND used.currency = compared.currency
    AND used.customer_id = compared.customer_id
    AND used.sku = compared.sku
    AND used.dimension = compared.dimension
LEFT JOIN reconciliation.restated AS restated
    ON restated.month = compared.month
    AND restated.billing_entity_id = compared.billing_entity_id
    AND restated.billed_customer_id = compared.billed_customer_id
    AND restated.currency = compared.currency
    AND restated.customer_id = compared.customer_id
    AND restated.sku = compared.sku
    AND restated.dimension = compared.dimension;
