-- What is billed although it has ended, and what is billed twice: lines for a customer or by a contract that
-- ended before their service period began, or for the usage of a customer whose every subscription at the vendor had
-- ended by then; and second lines for the same thing and the same days on any draft or live invoice. Corrections of
-- earlier months are no second lines, nor are several items of one contract. An end that is booked as a
-- restatement, waived or open as one is not told again.
-- R-17: billed after its end
-- R-21: billed twice
-- stops: issue
-- direction: over_bill
-- tolerance: amount 0, percent 0, count 0
-- guards: billing.invoice
-- vendors: all
-- not_for: infrascale and revirt365 as to subscriptions, of which they tell no end
-- source: reconciliation.live_line, reconciliation.restated, reference.customer, reference.contract,
--     reference.contract_item, staging.subscription, billing.mapped_account, billing.usage_record
WITH
line AS (
    SELECT
        *,
        -- Discounts and commitments are told apart by their ids, which their rules begin with.
        CASE WHEN kind IN ('discount', 'commitment') THEN split_part(rule, ':', 1) ELSE '' END AS agreement
    FROM reconciliation.live_line
    WHERE charge_class = ''
        AND service_period_end > (SELECT min(month) FROM ops.build_month)
        AND service_period_start <= (SELECT max(last_day) + 31 FROM ops.build_month)
),
-- When it was agreed to end, the last time that it was.
customer_end AS (
    SELECT customer_id, max(coalesce(valid_to, DATE '9999-12-31')) AS ends_on
    FROM reference.customer
    GROUP BY customer_id
),
item_end AS (
    SELECT
        item.contract_id,
        item.sku,
        max(least(
            coalesce(item.valid_to, DATE '9999-12-31'), coalesce(contract.valid_to, DATE '9999-12-31')
        )) AS ends_on
    FROM reference.contract_item AS item
    INNER JOIN reference.contract AS contract
        ON contract.contract_id = item.contract_id
    GROUP BY item.contract_id, item.sku
),
ended AS (
    SELECT
        line.*,
        CASE WHEN line.service_period_start >= item.ends_on THEN item.ends_on ELSE customer.ends_on END AS ended_on,
        CASE WHEN line.service_period_start >= item.ends_on
            THEN concat('contract ', line.contract_id)
            ELSE concat('customer ', line.customer_id)
        END AS what
    FROM line
    LEFT JOIN customer_end AS customer
        ON customer.customer_id = line.customer_id
    LEFT JOIN item_end AS item
        ON item.contract_id = line.contract_id
        AND item.sku = line.sku
        AND line.kind = 'contract'
    -- Terms that hold on a day of a month hold for all of it. An end that came to be known later is restated.
    WHERE (
        date_trunc('month', line.service_period_start) >= customer.ends_on
        OR line.service_period_start >= item.ends_on
    )
    AND (line.month, line.billed_customer_id, line.customer_id, line.sku) NOT IN (
        SELECT (month, billed_customer_id, customer_id, sku)
        FROM reconciliation.restated
        WHERE is_learned OR is_settled
    )
),
subscribed AS (
    SELECT
        build.month,
        subscription.vendor,
        subscription.connection,
        subscription.account_id,
        -- The day says it where the vendor tells one: Xopero lets licences be used whose status is another.
        bool_and(coalesce(
            subscription.ends_on < build.month,
            subscription.status IN ('inactive', 'deleted', 'cancelled', 'expired'),
            false
        )) AS has_ended,
        max(subscription.ends_on) AS ended_on
    FROM staging.subscription AS subscription
    INNER JOIN ops.build_month AS build
        ON subscription.usage_date BETWEEN build.month AND build.last_day
    GROUP BY build.month, subscription.vendor, subscription.connection, subscription.account_id
),
-- An account of which the vendor tells no subscription may last for ever.
cancelled AS (
    SELECT mapped.month, mapped.vendor, mapped.customer_id, max(subscribed.ended_on) AS ended_on
    FROM billing.mapped_account AS mapped
    INNER JOIN ops.build_month AS build
        ON build.month = mapped.month
    LEFT JOIN subscribed
        ON subscribed.month = mapped.month
        AND subscribed.vendor = mapped.vendor
        AND subscribed.connection = mapped.connection
        AND subscribed.account_id = mapped.account_id
    WHERE mapped.customer_id IS NOT NULL
        AND mapped.excluded IS NULL
    GROUP BY mapped.month, mapped.vendor, mapped.customer_id
    HAVING bool_and(coalesce(subscribed.has_ended, false))
),
supplied AS (
    SELECT month, customer_id, sku, min(vendor) AS vendor
    FROM billing.usage_record
    WHERE billable
        AND quantity > 0
    GROUP BY month, customer_id, sku
    HAVING min(vendor) = max(vendor)
),
item AS (
    SELECT contract_id, sku, count(DISTINCT item_id) AS items
    FROM reference.contract_item
    GROUP BY contract_id, sku
),
-- Of the lines for one thing the last is the one too many.
placed AS (
    SELECT
        line.*,
        max(service_period_end) OVER earlier AS billed_until,
        first_value(document) OVER earlier AS first_document,
        count(*) OVER (
            PARTITION BY
                customer_id, currency, sku, dimension, kind, coalesce(tier_no, 0), coalesce(unit, ''),
                coalesce(contract_id, ''), agreement, service_period_start
        ) AS times
    FROM line
    WINDOW earlier AS (
        PARTITION BY
            customer_id, currency, sku, dimension, kind, coalesce(tier_no, 0), coalesce(unit, ''),
            coalesce(contract_id, ''), agreement
        ORDER BY service_period_start, month, issued_at NULLS LAST, invoice_line_id
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    )
),
twice AS (
    SELECT placed.*
    FROM placed
    LEFT JOIN item
        ON item.contract_id = placed.contract_id
        AND item.sku = placed.sku
        AND placed.kind = 'contract'
    WHERE placed.billed_until > placed.service_period_start
        AND (item.items IS NULL OR placed.times > item.items)
)
SELECT
    'R-17' AS code,
    ended.month,
    ended.billing_entity_id,
    ended.billed_customer_id,
    ended.customer_id,
    ended.sku,
    concat_ws(' ', ended.kind, ended.dimension, CAST(ended.tier_no AS VARCHAR), ended.contract_id) AS subject,
    ended.unit,
    CAST(0 AS DECIMAL(20,6)) AS expected,
    ended.quantity AS actual,
    ended.currency,
    abs(ended.exact_amount) AS amount,
    concat(
        ended.customer_id, ' is billed ', billing.plain(ended.amount), ' ', ended.currency, ' for ', ended.sku, ' from ',
        CAST(ended.service_period_start AS VARCHAR), ' on ', ended.document, ', but ', ended.what, ' ended on ',
        CAST(ended.ended_on AS VARCHAR), ': take the line off, credit it, or extend what ended.'
    ) AS sentence
FROM ended
INNER JOIN ops.build_month AS build
    ON build.month = ended.month
UNION ALL BY NAME
SELECT
    'R-17' AS code,
    line.month,
    line.billing_entity_id,
    line.billed_customer_id,
    line.customer_id,
    line.sku,
    concat('subscriptions at ', cancelled.vendor) AS subject,
    line.currency AS unit,
    0 AS expected,
    sum(line.exact_amount) AS actual,
    line.currency,
    CAST(sum(line.exact_amount) AS DECIMAL(37,15)) AS amount,
    concat(
        line.customer_id, ' is billed ', billing.plain(sum(line.amount)), ' ', line.currency, ' for ', line.sku, ' of ',
        strftime(line.month, '%Y-%m'), ', and each of its subscriptions at ', cancelled.vendor, ' had ended before',
        coalesce(concat(' (the last on ', CAST(max(cancelled.ended_on) AS VARCHAR), ')'), ''),
        ': ask the vendor what it still counts, and credit what was not used.'
    ) AS sentence
FROM cancelled
INNER JOIN supplied
    ON supplied.month = cancelled.month
    AND supplied.customer_id = cancelled.customer_id
    AND supplied.vendor = cancelled.vendor
INNER JOIN line
    ON line.month = supplied.month
    AND line.customer_id = supplied.customer_id
    AND line.sku = supplied.sku
    AND line.kind IN ('usage', 'cost_plus', 'minimum', 'maximum')
GROUP BY
    line.month, line.billing_entity_id, line.billed_customer_id, line.customer_id, line.sku, line.currency,
    cancelled.vendor
HAVING sum(line.exact_amount) > 0
UNION ALL BY NAME
SELECT
    'R-21' AS code,
    twice.month,
    twice.billing_entity_id,
    twice.billed_customer_id,
    twice.customer_id,
    twice.sku,
    concat_ws(
        ' ', twice.kind, twice.dimension, CAST(twice.tier_no AS VARCHAR), twice.unit, twice.contract_id, twice.agreement,
        'from', CAST(twice.service_period_start AS VARCHAR)
    ) AS subject,
    twice.unit,
    CAST(0 AS DECIMAL(20,6)) AS expected,
    twice.quantity AS actual,
    twice.currency,
    abs(twice.exact_amount) AS amount,
    concat(
        twice.customer_id, ' is billed ', billing.plain(twice.amount), ' ', twice.currency, ' for ', twice.sku, ' from ',
        CAST(twice.service_period_start AS VARCHAR), ' to ', CAST(twice.service_period_end - 1 AS VARCHAR), ' on ',
        twice.document, ', and was for days of it on ', twice.first_document,
        ' already: take the line off, or credit it.'
    ) AS sentence
FROM twice
INNER JOIN ops.build_month AS build
    ON build.month = twice.month;
