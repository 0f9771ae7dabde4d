-- The lines of the invoices that are not issued yet. The exact amounts of an invoice are shared out to its
-- currency's smallest unit by largest remainder, so that its lines sum to its net to the cent.
-- grain: one charge or correction on one draft; a charge of exactly zero has no line, unless it is usage
--     inside what is included
-- key: invoice_line_id
-- asset: no, a step on the way to others
-- source: billing.charge, billing.correction, billing.live_invoice, billing.voided_document,
--     billing.period, billing.customer_terms, reference.tax_rate, reference.currency
-- partition: month
-- rebuilds: month
-- units: quantity in the SKU's unit; unit_price in price_currency; amounts in the invoice's currency
-- rounding: net is the exact sum rounded half away from zero; of its smallest units every line gets the
--     whole part of its own, and those with the largest remainders, ties by line number, one more
CREATE TABLE IF NOT EXISTS billing.draft_line (
    invoice_line_id VARCHAR NOT NULL,
    invoice_id VARCHAR NOT NULL,
    line_no INTEGER NOT NULL,
    month DATE NOT NULL,
    billing_entity_id VARCHAR NOT NULL,
    billed_customer_id VARCHAR NOT NULL,
    customer_id VARCHAR NOT NULL, -- whose charge it is
    currency VARCHAR NOT NULL,
    charge_line_id VARCHAR NOT NULL,
    kind VARCHAR NOT NULL, -- as in billing.charge, or correction
    sku VARCHAR NOT NULL,
    dimension VARCHAR NOT NULL,
    tier_no INTEGER,
    service_period_start DATE NOT NULL,
    service_period_end DATE NOT NULL, -- the first day after it
    description VARCHAR NOT NULL,
    rule VARCHAR NOT NULL,
    quantity DECIMAL(20,6),
    unit VARCHAR,
    unit_price DECIMAL(17,9),
    price_currency VARCHAR,
    fx_rate DECIMAL(17,9),
    exact_amount DECIMAL(37,15) NOT NULL,
    amount DECIMAL(18,4) NOT NULL,
    cost_amount DECIMAL(37,15), -- null when no cost is known
    rate_card VARCHAR,
    contract_id VARCHAR,
    tax_class VARCHAR NOT NULL,
    tax_code VARCHAR, -- null, with all of the tax, when no row of reference.tax_rate says how it is taxed
    tax_name VARCHAR,
    tax_category VARCHAR,
    tax_percent DECIMAL(7,4),
    exemption_reason VARCHAR,
    charge_class VARCHAR NOT NULL, -- correction, or empty
    restates_month DATE, -- of a correction: the month it corrects
    restates_number VARCHAR, -- and the invoice, where that month had one
    days_expected INTEGER,
    days_reported INTEGER,
    days_filled INTEGER
);
WITH
unbilled AS (
    SELECT charge.* EXCLUDE (charge_id), '' AS charge_class, NULL AS restates_month, NULL AS restates_number
    FROM billing.charge AS charge
    INNER JOIN ops.build_month AS build
        ON build.month = charge.month
    LEFT JOIN billing.live_invoice AS invoice
        ON invoice.billing_entity_id = charge.billing_entity_id
        AND invoice.billed_customer_id = charge.billed_customer_id
        AND invoice.currency = charge.currency
        AND invoice.month = charge.month
    LEFT JOIN billing.period AS closed
        ON closed.billing_entity_id = charge.billing_entity_id
        AND closed.month = charge.month
        AND closed.status = 'Closed'
    WHERE invoice.document_id IS NULL
        AND closed.month IS NULL
        AND (charge.exact_amount <> 0 OR charge.kind = 'included')
    UNION ALL BY NAME
    SELECT
        correction.* EXCLUDE (restatement_id),
        'correction' AS kind,
        'correction' AS charge_class
    FROM billing.correction AS correction
    INNER JOIN ops.build_month AS build
        ON build.month = correction.month
),
-- Every invoice of a customer, currency and month has an id of its own: after a void another.
voided AS (
    SELECT
        document.billing_entity_id, document.billed_customer_id, document.currency, document.month,
        count(*) AS times
    FROM billing.document AS document
    INNER JOIN billing.voided_document AS voided
        ON voided.document_id = document.document_id
    WHERE document.kind = 'invoice'
    GROUP BY ALL
),
-- A correction is taxed as the month that it corrects.
service AS (
    SELECT DISTINCT
        coalesce(unbilled.restates_month, unbilled.month) AS month, unbilled.billed_customer_id, terms.tax_code,
        unbilled.tax_class
    FROM unbilled
    INNER JOIN billing.customer_terms AS terms
        ON terms.month = coalesce(unbilled.restates_month, unbilled.month)
        AND terms.customer_id = unbilled.billed_customer_id
),
taxed AS (
    SELECT
        service.month,
        service.billed_customer_id,
        service.tax_class,
        rate.tax_code,
        rate.name AS tax_name,
        rate.category AS tax_category,
        rate.percent AS tax_percent,
        rate.exemption_reason,
        row_number() OVER (
            PARTITION BY service.month, service.billed_customer_id, service.tax_class
            ORDER BY rate.tax_class = '*', rate.valid_from DESC
        ) AS place
    FROM service
    INNER JOIN reference.tax_rate AS rate
        ON rate.tax_code = service.tax_code
        AND rate.tax_class IN (service.tax_class, '*')
        AND rate.valid_from <= last_day(service.month)
        AND (rate.valid_to IS NULL OR rate.valid_to > service.month)
),
numbered AS (
    SELECT
        unbilled.*,
        taxed.tax_code,
        taxed.tax_name,
        taxed.tax_category,
        taxed.tax_percent,
        taxed.exemption_reason,
        currency.minor_unit,
        md5(concat_ws(
            '|', 'invoice', CAST(unbilled.month AS VARCHAR), unbilled.billing_entity_id,
            unbilled.billed_customer_id, unbilled.currency, CAST(coalesce(voided.times, 0) AS VARCHAR)
        )) AS invoice_id,
        CAST(row_number() OVER (
            PARTITION BY
                unbilled.month, unbilled.billing_entity_id, unbilled.billed_customer_id, unbilled.currency
            ORDER BY
                unbilled.charge_class,
                unbilled.restates_month,
                unbilled.customer_id <> unbilled.billed_customer_id,
                unbilled.customer_id,
                unbilled.sku = '',
                unbilled.sku,
                unbilled.dimension,
                CASE unbilled.kind
                    WHEN 'included' THEN 1
                    WHEN 'usage' THEN 2
                    WHEN 'cost_plus' THEN 3
                    WHEN 'percentage' THEN 4
                    WHEN 'minimum' THEN 5
                    WHEN 'maximum' THEN 6
                    WHEN 'contract' THEN 7
                    WHEN 'discount' THEN 8
                    ELSE 9
                END,
                unbilled.service_period_start,
                coalesce(unbilled.tier_no, 0),
                unbilled.charge_line_id
        ) AS INTEGER) AS line_no
    FROM unbilled
    INNER JOIN reference.currency AS currency
        ON currency.currency = unbilled.currency
    LEFT JOIN voided
        ON voided.billing_entity_id = unbilled.billing_entity_id
        AND voided.billed_customer_id = unbilled.billed_customer_id
        AND voided.currency = unbilled.currency
        AND voided.month = unbilled.month
    LEFT JOIN taxed
        ON taxed.month = coalesce(unbilled.restates_month, unbilled.month)
        AND taxed.billed_customer_id = unbilled.billed_customer_id
        AND taxed.tax_class = unbilled.tax_class
        AND taxed.place = 1
),
-- In whole numbers of 10^-15.
fine AS (
    SELECT invoice_id, line_no, billing.fine(exact_amount) AS amount, minor_unit FROM numbered
),
-- An invoice below zero is shared out as its mirror image, so that a credit mirrors what it credits.
net AS (
    SELECT
        invoice_id,
        billing.fine(minor_unit) AS unit,
        CASE WHEN amount < 0 THEN -1 ELSE 1 END AS direction,
        billing.half(abs(amount), billing.fine(minor_unit)) AS units
    FROM (SELECT invoice_id, minor_unit, sum(amount) AS amount FROM fine GROUP BY invoice_id, minor_unit) AS summed
),
mirrored AS (
    SELECT
        fine.invoice_id,
        fine.line_no,
        net.unit,
        net.direction,
        CASE WHEN net.direction < 0 THEN -fine.amount ELSE fine.amount END AS amount
    FROM fine
    INNER JOIN net
        ON net.invoice_id = fine.invoice_id
),
floored AS (
    SELECT
        *,
        CASE WHEN amount >= 0 THEN amount // unit ELSE -((unit - 1 - amount) // unit) END AS units
    FROM mirrored
),
left_over AS (
    SELECT net.invoice_id, net.units - floored.units AS units
    FROM net
    INNER JOIN (SELECT invoice_id, sum(units) AS units FROM floored GROUP BY invoice_id) AS floored
        ON floored.invoice_id = net.invoice_id
),
ranked AS (
    SELECT
        invoice_id,
        line_no,
        direction,
        units,
        row_number() OVER (
            PARTITION BY invoice_id
            ORDER BY amount - CAST(units AS HUGEINT) * CAST(unit AS HUGEINT) DESC, line_no
        ) AS place
    FROM floored
),
shared_out AS (
    SELECT
        ranked.invoice_id,
        ranked.line_no,
        CAST(ranked.direction AS HUGEINT)
        * CAST(ranked.units + CASE WHEN ranked.place <= left_over.units THEN 1 ELSE 0 END AS HUGEINT) AS units
    FROM ranked
    INNER JOIN left_over
        ON left_over.invoice_id = ranked.invoice_id
)
SELECT
    md5(concat_ws('|', 'invoice_line', line.invoice_id, line.charge_line_id)) AS invoice_line_id,
    line.invoice_id,
    line.line_no,
    line.month,
    line.billing_entity_id,
    line.billed_customer_id,
    line.customer_id,
    line.currency,
    line.charge_line_id,
    line.kind,
    line.sku,
    line.dimension,
    line.tier_no,
    line.service_period_start,
    line.service_period_end,
    line.description,
    line.rule,
    line.quantity,
    line.unit,
    line.unit_price,
    line.price_currency,
    line.fx_rate,
    line.exact_amount,
    CAST(CAST(shared_out.units AS DECIMAL(19,0)) * CAST(line.minor_unit AS DECIMAL(5,4)) AS DECIMAL(18,4)) AS amount,
    line.cost_amount,
    line.rate_card,
    line.contract_id,
    line.tax_class,
    line.tax_code,
    line.tax_name,
    line.tax_category,
    line.tax_percent,
    line.exemption_reason,
    line.charge_class,
    line.restates_month,
    line.restates_number,
    line.days_expected,
    line.days_reported,
    line.days_filled
FROM numbered AS line
INNER JOIN shared_out
    ON shared_out.invoice_id = line.invoice_id
    AND shared_out.line_no = line.line_no;
