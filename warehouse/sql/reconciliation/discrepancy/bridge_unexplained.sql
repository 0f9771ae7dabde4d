-- The invoices of a customer changed from one month to the next by more, or by less, than price, volume, new and
-- lost business, FX, corrections and contracts make together. What the documents say they add up to is compared
-- with the parts of reconciliation.bridge, which come from their lines; a smallest unit for each line is rounding.
-- R-39: change of revenue unexplained
-- stops: no
-- direction: control
-- tolerance: amount 0, percent 0, count 0
-- guards: reconciliation.bridge
-- vendors: all
-- source: reconciliation.bridge, reconciliation.book_rate, billing.invoice, reference.currency
WITH
compared AS (
    SELECT month, month AS document_month, true AS is_now FROM ops.build_month
    UNION ALL
    SELECT month, CAST(date_trunc('month', month - 1) AS DATE) AS document_month, false AS is_now FROM ops.build_month
),
document AS (
    SELECT
        compared.month,
        compared.is_now,
        document.billing_entity_id,
        document.billed_customer_id,
        document.billed_customer_name,
        document.net,
        coalesce(own.book_currency, other.book_currency, document.currency) AS book_currency,
        coalesce(own.rate, other.rate, 1) AS rate,
        CAST(CAST(document.lines AS DECIMAL(19,0)) * CAST(currency.minor_unit AS DECIMAL(5,4)) AS DECIMAL(19,4)) AS leeway
    FROM compared
    INNER JOIN billing.invoice AS document
        ON document.month = compared.document_month
    INNER JOIN reference.currency AS currency
        ON currency.currency = document.currency
    LEFT JOIN reconciliation.book_rate AS own
        ON own.month = compared.document_month
        AND own.billing_entity_id = document.billing_entity_id
        AND own.currency = document.currency
    LEFT JOIN reconciliation.book_rate AS other
        ON other.month = CASE WHEN compared.is_now
            THEN CAST(date_trunc('month', compared.month - 1) AS DATE) ELSE compared.month
        END
        AND other.billing_entity_id = document.billing_entity_id
        AND other.currency = document.currency
    WHERE document.status <> 'voided'
),
booked AS (
    SELECT
        document.*,
        CAST(CAST(net AS DECIMAL(19,4)) * CAST(rate AS DECIMAL(17,9)) AS DECIMAL(37,15)) AS amount,
        CAST(CAST(leeway AS DECIMAL(19,4)) * CAST(rate AS DECIMAL(17,9)) AS DECIMAL(37,15)) AS booked_leeway
    FROM document
),
told AS (
    SELECT
        month,
        billing_entity_id,
        billed_customer_id,
        book_currency,
        max(billed_customer_name) AS name,
        coalesce(sum(amount) FILTER (WHERE is_now), 0) AS now,
        coalesce(sum(amount) FILTER (WHERE NOT is_now), 0) AS before,
        sum(booked_leeway) AS leeway
    FROM booked
    GROUP BY month, billing_entity_id, billed_customer_id, book_currency
),
explained AS (
    SELECT
        bridge.month,
        bridge.billing_entity_id,
        bridge.billed_customer_id,
        bridge.book_currency,
        sum(price) + sum(volume) + sum(new_business) + sum(lost_business) + sum(fx) + sum(correction) + sum(contract)
            AS amount
    FROM reconciliation.bridge AS bridge
    INNER JOIN ops.build_month AS build
        ON build.month = bridge.month
    GROUP BY bridge.month, bridge.billing_entity_id, bridge.billed_customer_id, bridge.book_currency
),
bridged AS (
    SELECT
        coalesce(told.month, explained.month) AS month,
        coalesce(told.billing_entity_id, explained.billing_entity_id) AS billing_entity_id,
        coalesce(told.billed_customer_id, explained.billed_customer_id) AS billed_customer_id,
        coalesce(told.book_currency, explained.book_currency) AS currency,
        coalesce(told.name, explained.billed_customer_id) AS name,
        coalesce(told.before, 0) AS before,
        coalesce(told.now, 0) AS now,
        coalesce(told.now, 0) - coalesce(told.before, 0) AS expected,
        coalesce(explained.amount, 0) AS actual,
        coalesce(told.leeway, 0) AS leeway
    FROM told
    FULL JOIN explained
        ON explained.month = told.month
        AND explained.billing_entity_id = told.billing_entity_id
        AND explained.billed_customer_id = told.billed_customer_id
        AND explained.book_currency = told.book_currency
)
SELECT
    'R-39' AS code,
    bridged.month,
    bridged.billing_entity_id,
    bridged.billed_customer_id,
    bridged.currency AS unit,
    CAST(bridged.expected AS DECIMAL(38,9)) AS expected,
    CAST(bridged.actual AS DECIMAL(38,9)) AS actual,
    bridged.currency,
    CAST(abs(bridged.expected - bridged.actual) AS DECIMAL(37,15)) AS amount,
    concat(
        'The documents of ', bridged.name, ' add up to ', billing.plain(billing.cents(bridged.now, currency.minor_unit)),
        ' ', bridged.currency, ' after ', billing.plain(billing.cents(bridged.before, currency.minor_unit)),
        ' the month before, and their lines explain a change of ',
        billing.plain(billing.cents(bridged.actual, currency.minor_unit)),
        ' only: compare the nets of these documents with their lines (backup-billing bridge --month ',
        strftime(bridged.month, '%Y-%m'), ' --customer ', bridged.billed_customer_id, ').'
    ) AS sentence
FROM bridged
INNER JOIN reference.currency AS currency
    ON currency.currency = bridged.currency
WHERE abs(bridged.expected - bridged.actual) > bridged.leeway;
