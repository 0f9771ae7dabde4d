-- Orders that are paid in advance against what the vendor charged our account for them: a charge for an order that
-- is not there (it charges too much), an order that began, was renewed or grew without a charge (it may come later),
-- and an order that is active although its last paid day is over: it can be used, and we bill it to nobody.
-- A change is judged when the transactions of the day after it are landed. What an order costs past its end is
-- its storage at the first price that the customer pays, for the days since.
-- R-56: order and charge do not go together
-- stops: no
-- direction: each row
-- tolerance: amount 0, percent 0, count 0
-- guards: staging.vendor_transaction
-- vendors: resellerclub
-- not_for: infrascale, redstor, xopero, revirt365, which tell no transactions; their invoices come as files (R-31 to R-34)
-- source: staging.subscription, staging.vendor_transaction, staging.vendor_price, ops.current_pull,
--     billing.mapped_account, billing.customer_terms, reference.sku_mapping, reference.rate, reference.rate_card
WITH
asked AS (
    SELECT DISTINCT vendor, connection, usage_date FROM ops.current_pull WHERE stream = 'transactions'
),
listed AS (
    SELECT pull.vendor, pull.connection, pull.usage_date
    FROM ops.current_pull AS pull
    INNER JOIN asked
        ON asked.vendor = pull.vendor
        AND asked.connection = pull.connection
        AND asked.usage_date = pull.usage_date
    WHERE pull.stream = 'orders'
),
held AS (
    SELECT
        subscription.*,
        lag(subscription.usage_date) OVER days AS day_before,
        lag(subscription.ends_on) OVER days AS ended_on,
        lag(subscription.quantity) OVER days AS quantity_before
    FROM staging.subscription AS subscription
    WHERE subscription.vendor IN (SELECT vendor FROM asked)
        AND subscription.usage_date >= (SELECT min(month) - 5 FROM ops.build_month)
        AND subscription.usage_date <= (SELECT max(last_day) FROM ops.build_month)
    WINDOW days AS (
        PARTITION BY subscription.vendor, subscription.connection, subscription.subscription_id
        ORDER BY subscription.usage_date
    )
),
charge AS (
    SELECT
        build.month, told.vendor, told.connection, told.transaction_id, told.order_id, told.product, told.currency,
        told.usage_date, -told.amount AS amount
    FROM staging.vendor_transaction AS told
    INNER JOIN ops.build_month AS build
        ON told.usage_date >= build.month - 3
        AND told.usage_date <= build.last_day
    WHERE told.kind IN ('invoice', 'debit')
        AND told.order_id IS NOT NULL
),
changed AS (
    SELECT
        build.month,
        held.vendor,
        held.connection,
        held.account_id,
        held.subscription_id,
        held.product,
        held.plan,
        held.usage_date,
        coalesce(held.day_before, held.usage_date - 1) AS day_before,
        CASE
            WHEN held.day_before IS NULL THEN 'began'
            WHEN held.ends_on > held.ended_on THEN 'was renewed'
            ELSE 'grew'
        END AS how,
        CASE
            WHEN held.day_before IS NULL THEN date_diff('month', held.started_on, held.ends_on)
            WHEN held.ends_on > held.ended_on THEN date_diff('month', held.ended_on, held.ends_on)
        END AS months
    FROM held
    INNER JOIN ops.build_month AS build
        ON held.usage_date + 1 >= build.month
        AND held.usage_date + 1 <= build.last_day
    INNER JOIN asked
        ON asked.vendor = held.vendor
        AND asked.connection = held.connection
        AND asked.usage_date = held.usage_date + 1
    WHERE (held.day_before IS NULL AND held.started_on = held.usage_date)
        OR held.ends_on > held.ended_on
        OR held.quantity > held.quantity_before
),
uncharged AS (
    SELECT changed.*
    FROM changed
    LEFT JOIN charge
        ON charge.month = changed.month
        AND charge.vendor = changed.vendor
        AND charge.connection = changed.connection
        AND charge.order_id = changed.subscription_id
        AND charge.usage_date > changed.day_before
        AND charge.usage_date <= changed.usage_date + 1
    WHERE charge.transaction_id IS NULL
),
known AS (
    SELECT DISTINCT vendor, connection, subscription_id FROM held
),
newest AS (
    SELECT build.month, build.last_day, listed.vendor, listed.connection, max(listed.usage_date) AS usage_date
    FROM listed
    INNER JOIN ops.build_month AS build
        ON listed.usage_date >= build.month
        AND listed.usage_date <= build.last_day
    GROUP BY build.month, build.last_day, listed.vendor, listed.connection
),
past_end AS (
    SELECT
        newest.month,
        newest.last_day,
        held.*,
        account.customer_id,
        terms.billed_customer_id,
        terms.billing_entity_id,
        card.currency,
        greatest(held.ends_on, newest.month) AS unpaid_from,
        rate.unit_price,
        row_number() OVER (
            PARTITION BY newest.month, held.vendor, held.connection, held.subscription_id
            ORDER BY rate.customer_id DESC, rate.dimension DESC, rate.valid_from DESC
        ) AS place
    FROM newest
    INNER JOIN held
        ON held.vendor = newest.vendor
        AND held.connection = newest.connection
        AND held.usage_date = newest.usage_date
        AND held.status = 'active'
        AND held.ends_on < held.usage_date
    LEFT JOIN billing.mapped_account AS account
        ON account.month = newest.month
        AND account.vendor = held.vendor
        AND account.connection = held.connection
        AND account.account_id = held.account_id
        AND account.valid_from <= held.usage_date
        AND account.valid_to > held.usage_date
    LEFT JOIN billing.customer_terms AS terms
        ON terms.month = newest.month
        AND terms.customer_id = account.customer_id
    LEFT JOIN reference.sku_mapping AS mapping
        ON mapping.vendor = held.vendor
        AND mapping.product = held.plan
        AND mapping.valid_from <= newest.last_day
        AND (mapping.valid_to IS NULL OR mapping.valid_to > newest.month)
    LEFT JOIN reference.rate AS rate
        ON rate.rate_card = terms.rate_card
        AND rate.sku = mapping.sku
        AND rate.customer_id IN (terms.billed_customer_id, '')
        AND rate.dimension IN (mapping.dimension, '')
        AND rate.tier_from = 0
        AND rate.model IN ('per_unit', 'graduated', 'volume')
        AND rate.valid_from <= newest.last_day
        AND (rate.valid_to IS NULL OR rate.valid_to > newest.month)
    LEFT JOIN reference.rate_card AS card
        ON card.rate_card = rate.rate_card
),
worth AS (
    SELECT
        *,
        billing.fine(CAST(CAST(quantity AS DECIMAL(20,6)) * CAST(unit_price AS DECIMAL(17,9)) AS DECIMAL(37,15))) AS month_worth,
        date_diff('day', unpaid_from, usage_date) + 1 AS days,
        date_diff('day', month, last_day) + 1 AS days_of_month
    FROM past_end
    WHERE place = 1
)
SELECT
    'R-56' AS code,
    charge.month,
    charge.vendor,
    charge.connection,
    concat('transaction ', charge.transaction_id) AS subject,
    'cost' AS direction,
    charge.currency,
    CAST(charge.amount AS DECIMAL(37,15)) AS amount,
    concat(
        charge.vendor, ' charged ', billing.plain(charge.amount), ' ', charge.currency, ' on ', CAST(charge.usage_date AS VARCHAR),
        ' for order ', charge.order_id, ', which it does not list: ask the vendor to credit it.'
    ) AS sentence
FROM charge
INNER JOIN listed
    ON listed.vendor = charge.vendor
    AND listed.connection = charge.connection
    AND listed.usage_date = charge.usage_date
LEFT JOIN known
    ON known.vendor = charge.vendor
    AND known.connection = charge.connection
    AND known.subscription_id = charge.order_id
WHERE known.subscription_id IS NULL
    AND charge.usage_date >= charge.month
    -- The account is charged for other things than orders of backup, too.
    AND charge.product IN (SELECT product FROM staging.vendor_price WHERE price_kind = 'cost')
UNION ALL BY NAME
SELECT
    'R-56' AS code,
    uncharged.month,
    uncharged.vendor,
    uncharged.connection,
    uncharged.account_id,
    concat('order ', uncharged.subscription_id, ' ', uncharged.how, ' on ', CAST(uncharged.usage_date AS VARCHAR)) AS subject,
    'control' AS direction,
    price.currency,
    CAST(price.price AS DECIMAL(37,15)) AS amount,
    concat(
        'Order ', uncharged.subscription_id, ' at ', uncharged.vendor, ' ', uncharged.how, ' on ',
        CAST(uncharged.usage_date AS VARCHAR), ' and nothing was charged for it',
        CASE WHEN price.price IS NULL THEN ''
            ELSE concat(', ', billing.plain(price.price), ' ', price.currency, ' by the price list')
        END,
        ': expect a charge later, or ask the vendor for it.'
    ) AS sentence
FROM uncharged
LEFT JOIN staging.vendor_price AS price
    ON price.vendor = uncharged.vendor
    AND price.connection = uncharged.connection
    AND price.product = uncharged.product
    AND price.plan = uncharged.plan
    AND price.price_kind = CASE uncharged.how WHEN 'began' THEN 'cost' ELSE 'renewal' END
    AND price.usage_date = uncharged.usage_date
    AND price.term_months = greatest(1, uncharged.months)
UNION ALL BY NAME
SELECT
    'R-56' AS code,
    worth.month,
    worth.billing_entity_id,
    worth.billed_customer_id,
    worth.vendor,
    worth.connection,
    worth.account_id,
    worth.customer_id,
    concat('order ', worth.subscription_id, ' past its end') AS subject,
    'leak' AS direction,
    worth.currency,
    billing.exact(billing.share(worth.month_worth, worth.days, worth.days_of_month)) AS amount,
    concat(
        'Order ', worth.subscription_id, ' at ', worth.vendor, ' ended on ', CAST(worth.ends_on AS VARCHAR),
        ' and is active on ', CAST(worth.usage_date AS VARCHAR), ' all the same, so that ',
        coalesce(worth.customer_id, 'somebody'), ' uses ', billing.plain(worth.quantity), ' ', coalesce(worth.unit, ''),
        ' that nobody is billed for: renew it, or end it at the vendor.'
    ) AS sentence
FROM worth;
