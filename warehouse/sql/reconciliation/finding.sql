-- What does not add up, how much money it is, and what it stops: the table to open in the morning.
-- grain: one discrepancy of one month
-- key: fingerprint
-- source: reconciliation.discrepancy, reconciliation.check_catalogue, reference.tolerance, reference.billing_entity,
--     reference.currency, reconciliation.book_rate
-- partition: month
-- rebuilds: month
-- units: expected, actual and difference in unit; amount_at_risk in currency
-- rounding: amounts to the currency's smallest unit, half away from zero
CREATE TABLE IF NOT EXISTS reconciliation.finding (
    fingerprint VARCHAR NOT NULL, -- of what it is about and not of its figures: the same on every run
    code VARCHAR NOT NULL,
    title VARCHAR NOT NULL,
    month DATE NOT NULL,
    severity VARCHAR NOT NULL, -- blocks or warns
    stops VARCHAR NOT NULL, -- issue (and with it the close), close, or no
    direction VARCHAR NOT NULL, -- leak, over_bill, cost or control
    billing_entity_id VARCHAR,
    billed_customer_id VARCHAR,
    vendor VARCHAR,
    connection VARCHAR,
    account_id VARCHAR,
    customer_id VARCHAR,
    sku VARCHAR,
    subject VARCHAR,
    unit VARCHAR,
    expected DECIMAL(38,9),
    actual DECIMAL(38,9),
    difference DECIMAL(38,9), -- actual less expected
    currency VARCHAR, -- of the billing entity; of the check where no rate leads there
    amount_at_risk DECIMAL(18,4) NOT NULL, -- 0 where no money is known
    amount_known BOOLEAN NOT NULL,
    sentence VARCHAR NOT NULL
);
WITH
seen AS (
    SELECT
        discrepancy.*,
        concat_ws(
            '|', discrepancy.code, CAST(discrepancy.month AS VARCHAR), coalesce(discrepancy.billing_entity_id, ''),
            coalesce(discrepancy.billed_customer_id, ''), coalesce(discrepancy.vendor, ''),
            coalesce(discrepancy.connection, ''), coalesce(discrepancy.account_id, ''),
            coalesce(discrepancy.customer_id, ''), coalesce(discrepancy.sku, ''), coalesce(discrepancy.subject, '')
        ) AS subject_key
    FROM reconciliation.discrepancy AS discrepancy
    INNER JOIN ops.build_month AS build
        ON build.month = discrepancy.month
),
-- Money that nobody is named for is counted in the books of the first entity.
main AS (
    SELECT min(billing_entity_id) AS billing_entity_id FROM reference.billing_entity
),
booked AS (
    SELECT
        seen.*,
        coalesce(book.book_currency, seen.currency, entity.currency) AS booked_currency,
        CASE WHEN book.rate IS NULL OR book.rate = 1 THEN seen.amount
            ELSE billing.converted(seen.amount, book.rate)
        END AS exact_amount,
        -- Two of one check about the same thing are two findings.
        row_number() OVER (
            PARTITION BY seen.subject_key ORDER BY seen.amount DESC, seen.sentence, seen.expected, seen.actual
        ) AS place
    FROM seen
    CROSS JOIN main
    LEFT JOIN reference.billing_entity AS entity
        ON entity.billing_entity_id = coalesce(seen.billing_entity_id, main.billing_entity_id)
    LEFT JOIN reconciliation.book_rate AS book
        ON book.month = seen.month
        AND book.billing_entity_id = entity.billing_entity_id
        AND book.currency = seen.currency
),
valued AS (
    SELECT booked.*, billing.cents(booked.exact_amount, currency.minor_unit) AS booked_amount
    FROM booked
    LEFT JOIN reference.currency AS currency
        ON currency.currency = booked.booked_currency
),
tolerated AS (
    SELECT
        valued.* EXCLUDE (stops),
        -- What is beyond these digits is beyond any percentage too.
        least(abs(valued.actual - valued.expected), CAST(999999999999999999999 AS DECIMAL(38,9))) AS off,
        least(abs(valued.expected), CAST(999999999999999999999 AS DECIMAL(38,9))) AS base,
        catalogue.title,
        coalesce(valued.stops, catalogue.stops) AS stops,
        catalogue.direction AS usual_direction,
        coalesce(own.amount, every.amount, catalogue.tolerance_amount) AS tolerated_amount,
        coalesce(own.percent, every.percent, catalogue.tolerance_percent) AS tolerated_percent,
        coalesce(own.count, every.count, catalogue.tolerance_count) AS tolerated_count
    FROM valued
    INNER JOIN reconciliation.check_catalogue AS catalogue
        ON catalogue.code = valued.code
    LEFT JOIN reference.tolerance AS own
        ON own.code = valued.code
        AND own.currency = valued.booked_currency
    LEFT JOIN reference.tolerance AS every
        ON every.code = valued.code
        AND every.currency = ''
)
SELECT
    md5(CASE place WHEN 1 THEN subject_key ELSE concat(subject_key, '|', CAST(place AS VARCHAR)) END) AS fingerprint,
    code,
    title,
    month,
    CASE stops WHEN 'no' THEN 'warns' ELSE 'blocks' END AS severity,
    stops,
    coalesce(direction, usual_direction) AS direction,
    billing_entity_id,
    billed_customer_id,
    vendor,
    connection,
    account_id,
    customer_id,
    sku,
    subject,
    unit,
    expected,
    actual,
    actual - expected AS difference,
    booked_currency AS currency,
    coalesce(booked_amount, 0) AS amount_at_risk,
    booked_amount IS NOT NULL AS amount_known,
    sentence
FROM tolerated
-- Within any one of its tolerances it is no finding; a tolerance of 0 is none.
WHERE coalesce(tolerated_amount = 0 OR abs(booked_amount) > tolerated_amount, true)
    AND coalesce(tolerated_count = 0 OR abs(actual - expected) > tolerated_count, true)
    AND coalesce(
        tolerated_percent = 0
        OR CAST(off AS DECIMAL(30,9)) * CAST(100 AS DECIMAL(7,0))
        > CAST(base AS DECIMAL(30,9)) * CAST(tolerated_percent AS DECIMAL(7,4)),
        true
    );
