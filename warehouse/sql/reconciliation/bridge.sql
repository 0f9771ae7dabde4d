-- Why a month's invoices differ from those of the month before, in the books of the billing entity. The parts of
-- a row add up to its difference exactly, and the rows to the difference of the documents' nets (R-39).
--
-- Each line of both months that are not voided, drafts and credit notes with them, goes into one part:
--   correction      corrections of earlier months, and credit notes
--   contract        what contracts charge, discounts take off and commitments top up
--   new, lost       usage of a SKU that the customer has on this month's documents only, or on last month's only
--   price, volume, fx   usage of a SKU on both. A line is compared with last month's line of the same tier, by its
--                   exact amount. FX is what it owes to another exchange rate than last month's; price what the
--                   rest owes to another unit price than that tier had at the end of last month; volume all else:
--                   more or fewer units, more tiers, other shares of the month. A tier that one month alone has
--                   is volume, but where the customer went to another price list. A percentage, cost plus, a
--                   minimum or maximum have no unit price: they follow the usage, and are volume.
--   rounding        from exact amounts to cents
-- An invoice in another currency than the entity's is taken into its books at the rate of its month. What goes on
-- (usage on both, contracts) is taken at last month's rate, and its FX part has the change of the rate too.
-- Without a rate in one of the months that of the other holds for both; without any the row stays in the
-- invoice's currency.
-- grain: one customer and SKU on the documents of one billed customer in one currency
-- key: month, billing_entity_id, billed_customer_id, customer_id, sku, currency
-- source: billing.invoice_line, reconciliation.book_rate
-- partition: month
-- rebuilds: month
-- units: amounts in book_currency
-- rounding: each step to 15 decimals, half away from zero; what that leaves over is in the part rounding
CREATE TABLE IF NOT EXISTS reconciliation.bridge (
    month DATE NOT NULL,
    billing_entity_id VARCHAR NOT NULL,
    billed_customer_id VARCHAR NOT NULL,
    customer_id VARCHAR NOT NULL,
    sku VARCHAR NOT NULL,
    currency VARCHAR NOT NULL, -- of the invoices
    book_currency VARCHAR NOT NULL, -- of all that follows
    rate_before DECIMAL(17,9) NOT NULL, -- from currency, last month's
    rate_now DECIMAL(17,9) NOT NULL,
    amount_before DECIMAL(37,15) NOT NULL, -- of last month's lines
    amount_now DECIMAL(37,15) NOT NULL,
    difference DECIMAL(37,15) NOT NULL, -- the sum of the parts
    price DECIMAL(37,15) NOT NULL,
    volume DECIMAL(37,15) NOT NULL,
    new_business DECIMAL(37,15) NOT NULL,
    lost_business DECIMAL(37,15) NOT NULL,
    fx DECIMAL(37,15) NOT NULL,
    correction DECIMAL(37,15) NOT NULL,
    contract DECIMAL(37,15) NOT NULL,
    rounding DECIMAL(37,15) NOT NULL
);
WITH
compared AS (
    SELECT month, month AS line_month, true AS is_now FROM ops.build_month
    UNION ALL
    SELECT month, CAST(date_trunc('month', month - 1) AS DATE) AS line_month, false AS is_now FROM ops.build_month
),
line AS (
    SELECT
        compared.month,
        compared.is_now,
        line.billing_entity_id,
        line.billed_customer_id,
        line.customer_id,
        line.sku,
        line.currency,
        line.dimension,
        line.kind,
        line.tier_no,
        line.unit,
        line.price_currency,
        line.unit_price,
        line.fx_rate,
        line.rate_card,
        line.service_period_start,
        line.invoice_line_id,
        line.amount,
        billing.fine(line.exact_amount) AS fine_amount,
        CASE
            WHEN line.document_kind = 'credit_note' OR line.kind = 'correction' THEN 'correction'
            WHEN line.kind IN ('contract', 'discount', 'commitment') THEN 'contract'
            ELSE 'usage'
        END AS part
    FROM compared
    INNER JOIN billing.invoice_line AS line
        ON line.month = compared.line_month
    WHERE line.status <> 'voided'
),
-- There is one rate a month.
rate_before AS (
    SELECT month, billing_entity_id, currency, price_currency, min(fx_rate) AS fx_rate
    FROM line
    WHERE NOT is_now
        AND part = 'usage'
    GROUP BY month, billing_entity_id, currency, price_currency
),
sold AS (
    SELECT
        month,
        billing_entity_id,
        billed_customer_id,
        customer_id,
        sku,
        currency,
        bool_or(is_now) AS is_now,
        bool_or(NOT is_now) AS was_before,
        max(CASE WHEN is_now THEN concat_ws('|', rate_card, price_currency) END)
        IS DISTINCT FROM max(CASE WHEN NOT is_now THEN concat_ws('|', rate_card, price_currency) END)
            AS has_other_list
    FROM line
    WHERE part = 'usage'
    GROUP BY month, billing_entity_id, billed_customer_id, customer_id, sku, currency
),
tier AS (
    SELECT
        line.* EXCLUDE (unit_price, fx_rate),
        CAST(billing.nano(line.unit_price) AS HUGEINT) AS price,
        CAST(billing.nano(line.fx_rate) AS HUGEINT) AS rate,
        first_value(CAST(billing.nano(line.unit_price) AS HUGEINT)) OVER (
            PARTITION BY
                line.month, line.billing_entity_id, line.billed_customer_id, line.customer_id, line.sku, line.currency,
                line.dimension, line.kind, line.tier_no, line.unit, line.price_currency
            ORDER BY line.is_now, line.service_period_start DESC, line.invoice_line_id
        ) AS first_price,
        bool_or(line.is_now) OVER same AND bool_or(NOT line.is_now) OVER same AS is_in_both
    FROM line
    WHERE line.part = 'usage'
    WINDOW same AS (
        PARTITION BY
            line.month, line.billing_entity_id, line.billed_customer_id, line.customer_id, line.sku, line.currency,
            line.dimension, line.kind, line.tier_no, line.unit, line.price_currency
    )
),
-- What goes on: at last month's exchange rate, and then at the price that the tier had when that month ended.
at_rate AS (
    SELECT
        tier.*,
        sold.has_other_list,
        CASE WHEN tier.is_now AND rate_before.fx_rate IS NOT NULL AND tier.rate <> CAST(billing.nano(rate_before.fx_rate) AS HUGEINT)
            THEN billing.share(tier.fine_amount, CAST(billing.nano(rate_before.fx_rate) AS HUGEINT), tier.rate)
            ELSE tier.fine_amount
        END AS at_old_rate
    FROM tier
    INNER JOIN sold
        ON sold.month = tier.month
        AND sold.billing_entity_id = tier.billing_entity_id
        AND sold.billed_customer_id = tier.billed_customer_id
        AND sold.customer_id = tier.customer_id
        AND sold.sku = tier.sku
        AND sold.currency = tier.currency
        AND sold.is_now
        AND sold.was_before
    LEFT JOIN rate_before
        ON rate_before.month = tier.month
        AND rate_before.billing_entity_id = tier.billing_entity_id
        AND rate_before.currency = tier.currency
        AND rate_before.price_currency = tier.price_currency
),
signed AS (
    SELECT *, CASE WHEN price < 0 THEN -first_price ELSE first_price END AS old_price, abs(price) AS own_price
    FROM at_rate
),
at_price AS (
    SELECT
        *,
        CASE
            WHEN is_in_both AND own_price <> 0 AND old_price IS NOT NULL
                THEN billing.share(at_old_rate, old_price, own_price)
            WHEN has_other_list AND NOT is_in_both THEN CAST(0 AS HUGEINT)
            ELSE at_old_rate
        END AS at_old_price
    FROM signed
),
part AS (
    SELECT
        month,
        billing_entity_id,
        billed_customer_id,
        customer_id,
        sku,
        currency,
        is_now,
        fine_amount AS continuing,
        0 AS new_business,
        0 AS lost_business,
        0 AS correction,
        0 AS contract,
        CASE WHEN is_now THEN at_old_rate - at_old_price ELSE at_old_price - at_old_rate END AS price,
        CASE WHEN is_now THEN at_old_price ELSE -at_old_price END AS volume,
        fine_amount - at_old_rate AS fx,
        amount
    FROM at_price
    UNION ALL BY NAME
    SELECT
        line.month,
        line.billing_entity_id,
        line.billed_customer_id,
        line.customer_id,
        line.sku,
        line.currency,
        line.is_now,
        CASE WHEN line.is_now THEN line.fine_amount ELSE 0 END AS new_business,
        CASE WHEN line.is_now THEN 0 ELSE line.fine_amount END AS lost_business,
        line.amount
    FROM line
    INNER JOIN sold
        ON sold.month = line.month
        AND sold.billing_entity_id = line.billing_entity_id
        AND sold.billed_customer_id = line.billed_customer_id
        AND sold.customer_id = line.customer_id
        AND sold.sku = line.sku
        AND sold.currency = line.currency
        AND NOT (sold.is_now AND sold.was_before)
    WHERE line.part = 'usage'
    UNION ALL BY NAME
    SELECT
        month,
        billing_entity_id,
        billed_customer_id,
        customer_id,
        sku,
        currency,
        is_now,
        CASE part WHEN 'correction' THEN fine_amount ELSE 0 END AS correction,
        CASE part WHEN 'contract' THEN fine_amount ELSE 0 END AS contract,
        amount
    FROM line
    WHERE part <> 'usage'
),
summed AS (
    SELECT
        month,
        billing_entity_id,
        billed_customer_id,
        customer_id,
        sku,
        currency,
        CAST(coalesce(sum(amount) FILTER (WHERE is_now), 0) AS DECIMAL(18,4)) AS net_now,
        CAST(coalesce(sum(amount) FILTER (WHERE NOT is_now), 0) AS DECIMAL(18,4)) AS net_before,
        sum(price) AS price,
        sum(volume) AS volume,
        sum(new_business) AS new_business,
        sum(lost_business) AS lost_business,
        sum(fx) AS fx,
        sum(correction) FILTER (WHERE is_now) AS correction_now,
        sum(correction) FILTER (WHERE NOT is_now) AS correction_before,
        sum(contract) FILTER (WHERE is_now) AS contract_now,
        sum(contract) FILTER (WHERE NOT is_now) AS contract_before,
        sum(coalesce(continuing, 0) + coalesce(contract, 0)) FILTER (WHERE is_now) AS going_on
    FROM part
    GROUP BY month, billing_entity_id, billed_customer_id, customer_id, sku, currency
),
booked AS (
    SELECT
        summed.*,
        coalesce(now.book_currency, before.book_currency, summed.currency) AS book_currency,
        coalesce(before.rate, now.rate, 1) AS rate_before,
        coalesce(now.rate, before.rate, 1) AS rate_now
    FROM summed
    LEFT JOIN reconciliation.book_rate AS now
        ON now.month = summed.month
        AND now.billing_entity_id = summed.billing_entity_id
        AND now.currency = summed.currency
    LEFT JOIN reconciliation.book_rate AS before
        ON before.month = CAST(date_trunc('month', summed.month - 1) AS DATE)
        AND before.billing_entity_id = summed.billing_entity_id
        AND before.currency = summed.currency
),
-- Each piece is taken into the books by itself: of what, for which part, at this month's rate or last month's.
piece (piece, part, at_now, is_taken_off) AS (
    VALUES
        ('price', 'price', false, false),
        ('volume', 'volume', false, false),
        ('new_business', 'new_business', true, false),
        ('lost_business', 'lost_business', false, true),
        ('fx', 'fx', false, false),
        ('going_on', 'fx', true, false),
        ('going_on', 'fx', false, true),
        ('correction_now', 'correction', true, false),
        ('correction_before', 'correction', false, true),
        ('contract_now', 'contract', false, false),
        ('contract_before', 'contract', false, true)
),
valued AS (
    SELECT
        booked.*,
        piece.part,
        CAST(billing.nano(CASE WHEN piece.at_now THEN booked.rate_now ELSE booked.rate_before END) AS HUGEINT) AS rate,
        CAST(CASE WHEN piece.is_taken_off THEN -1 ELSE 1 END AS HUGEINT)
        * CAST(coalesce(
            CASE piece.piece
                WHEN 'price' THEN booked.price
                WHEN 'volume' THEN booked.volume
                WHEN 'new_business' THEN booked.new_business
                WHEN 'lost_business' THEN booked.lost_business
                WHEN 'fx' THEN booked.fx
                WHEN 'going_on' THEN booked.going_on
                WHEN 'correction_now' THEN booked.correction_now
                WHEN 'correction_before' THEN booked.correction_before
                WHEN 'contract_now' THEN booked.contract_now
                ELSE booked.contract_before
            END, 0
        ) AS HUGEINT) AS fine_amount
    FROM booked
    CROSS JOIN piece
),
converted AS (
    SELECT
        month,
        billing_entity_id,
        billed_customer_id,
        customer_id,
        sku,
        currency,
        book_currency,
        rate_before,
        rate_now,
        CAST(CAST(net_before AS DECIMAL(19,4)) * CAST(rate_before AS DECIMAL(17,9)) AS DECIMAL(37,15)) AS amount_before,
        CAST(CAST(net_now AS DECIMAL(19,4)) * CAST(rate_now AS DECIMAL(17,9)) AS DECIMAL(37,15)) AS amount_now,
        part,
        billing.share(fine_amount, rate, 1000000000) AS fine_amount
    FROM valued
),
exact AS (
    SELECT * EXCLUDE (fine_amount), billing.exact(fine_amount) AS amount FROM converted
),
parts AS (
    SELECT
        month,
        billing_entity_id,
        billed_customer_id,
        customer_id,
        sku,
        currency,
        book_currency,
        rate_before,
        rate_now,
        amount_before,
        amount_now,
        sum(amount) FILTER (WHERE part = 'price') AS price,
        sum(amount) FILTER (WHERE part = 'volume') AS volume,
        sum(amount) FILTER (WHERE part = 'new_business') AS new_business,
        sum(amount) FILTER (WHERE part = 'lost_business') AS lost_business,
        sum(amount) FILTER (WHERE part = 'fx') AS fx,
        sum(amount) FILTER (WHERE part = 'correction') AS correction,
        sum(amount) FILTER (WHERE part = 'contract') AS contract
    FROM exact
    GROUP BY ALL
)
SELECT
    *,
    amount_now - amount_before AS difference,
    amount_now - amount_before
    - price - volume - new_business - lost_business - fx - correction - contract AS rounding
FROM parts;
