-- Each usage record beside what it should cost and what we billed for it, in the vendor's currency; and usage of
-- nobody, which costs and is billed nothing that is known.
-- grain: one usage record, or one unmapped account, SKU and dimension
-- key: month, owner, usage_record_id, sku, dimension
-- asset: no, a step on the way to reconciliation.three_way
-- source: billing.usage_record, billing.unmapped_usage, billing.unmapped_account, billing.usage_cost,
--     billing.cost_terms, billing.charge_usage, billing.charge, billing.draft_line, billing.document_line,
--     billing.live_invoice, billing.fx_in_force, reference.sku
-- partition: month
-- rebuilds: month
-- units: quantities in the SKU's unit, amounts in currency
-- rounding: of a charge of several records each has its share by quantity, to 6 decimals and the amount to 15, the
--     first the whole amount where all make nothing; an amount converted to 15; half away from zero
CREATE TABLE IF NOT EXISTS reconciliation.billed_record (
    month DATE NOT NULL,
    vendor VARCHAR NOT NULL,
    connection VARCHAR NOT NULL,
    owner INTEGER NOT NULL, -- as in billing.usage_owner
    usage_record_id VARCHAR NOT NULL, -- empty for usage of nobody
    sku VARCHAR NOT NULL,
    dimension VARCHAR NOT NULL,
    currency VARCHAR, -- of the vendor's cost card; null where it has none
    billable BOOLEAN NOT NULL,
    quantity DECIMAL(20,6), -- null is unknown, never none
    cost DECIMAL(37,15), -- null is unknown
    billed_quantity DECIMAL(20,6), -- null where nothing was to be billed
    billed_amount DECIMAL(37,15) -- null where no exchange rate leads to currency
);
WITH
-- What stands for a charge on a draft or a live invoice. A charge of nothing stands on none, and is billed.
standing AS (
    SELECT draft.month, draft.charge_line_id, draft.quantity, draft.unit, draft.exact_amount
    FROM billing.draft_line AS draft
    INNER JOIN ops.build_month AS build
        ON build.month = draft.month
    UNION ALL
    SELECT document.month, document.charge_line_id, document.quantity, document.unit, document.exact_amount
    FROM billing.document_line AS document
    INNER JOIN ops.build_month AS build
        ON build.month = document.month
    INNER JOIN billing.live_invoice AS invoice
        ON invoice.document_id = document.document_id
),
of_price AS (
    SELECT
        charge.month,
        charge.charge_id,
        charge.service_period_start,
        bool_or(charge.exact_amount = 0 OR standing.charge_line_id IS NOT NULL) AS is_billed,
        CASE WHEN NOT bool_or(coalesce(standing.unit, charge.unit) = 'package')
            THEN sum(CASE WHEN coalesce(standing.unit, charge.unit) = sku.unit
                THEN coalesce(standing.quantity, CASE WHEN charge.exact_amount = 0 THEN charge.quantity END)
            END)
        END AS quantity, -- null where lines count something else
        sum(standing.exact_amount) AS amount
    FROM billing.charge AS charge
    INNER JOIN ops.build_month AS build
        ON build.month = charge.month
    INNER JOIN reference.sku AS sku
        ON sku.sku = charge.sku
    LEFT JOIN standing
        ON standing.month = charge.month
        AND standing.charge_line_id = charge.charge_line_id
    WHERE charge.charge_id IS NOT NULL
    GROUP BY charge.month, charge.charge_id, charge.service_period_start
),
-- The prices of a month are each of the whole quantity.
billed_charge AS (
    SELECT month, charge_id, bool_or(is_billed) AS is_billed, max(quantity) AS quantity, sum(amount) AS amount
    FROM of_price
    GROUP BY month, charge_id
),
charged AS (
    SELECT
        usage.*,
        billing.millionths(usage.quantity) AS part,
        sum(billing.millionths(usage.quantity)) OVER (PARTITION BY usage.month, usage.charge_id) AS whole,
        row_number() OVER (PARTITION BY usage.month, usage.charge_id ORDER BY usage.usage_record_id) AS place
    FROM billing.charge_usage AS usage
    INNER JOIN ops.build_month AS build
        ON build.month = usage.month
    WHERE usage.side = 'sell'
),
billed AS (
    SELECT
        charged.month,
        charged.usage_record_id,
        charged.currency,
        CASE
            WHEN NOT billed_charge.is_billed THEN 0
            WHEN billed_charge.quantity IS NULL OR charged.whole <= 0 THEN charged.part
            ELSE billing.share(billing.millionths(billed_charge.quantity), charged.part, charged.whole)
        END AS quantity,
        CASE
            WHEN billed_charge.amount IS NULL THEN 0
            WHEN charged.whole <= 0 THEN CASE charged.place WHEN 1 THEN billing.fine(billed_charge.amount) ELSE 0 END
            ELSE billing.share(billing.fine(billed_charge.amount), charged.part, charged.whole)
        END AS amount
    FROM charged
    INNER JOIN billed_charge
        ON billed_charge.month = charged.month
        AND billed_charge.charge_id = charged.charge_id
)
SELECT
    usage.month,
    usage.vendor,
    usage.connection,
    usage.owner,
    usage.usage_record_id,
    usage.sku,
    usage.dimension,
    terms.currency,
    usage.billable,
    usage.quantity,
    cost.cost,
    CAST(CAST(billed.quantity AS DECIMAL(20,0)) * CAST(0.000001 AS DECIMAL(6,6)) AS DECIMAL(20,6)) AS billed_quantity,
    billing.exact(CASE
        WHEN billed.quantity IS NULL THEN 0
        WHEN billed.currency = terms.currency THEN billed.amount
        WHEN into_invoice.rate IS NOT NULL
            THEN billing.share(billed.amount, 1000000000, CAST(billing.nano(into_invoice.rate) AS HUGEINT))
        WHEN from_invoice.rate IS NOT NULL
            THEN billing.share(billed.amount, CAST(billing.nano(from_invoice.rate) AS HUGEINT), 1000000000)
    END) AS billed_amount
FROM billing.usage_record AS usage
INNER JOIN ops.build_month AS build
    ON build.month = usage.month
LEFT JOIN billing.cost_terms AS terms
    ON terms.month = usage.month
    AND terms.vendor = usage.vendor
    AND terms.connection = usage.connection
LEFT JOIN billing.usage_cost AS cost
    ON cost.month = usage.month
    AND cost.usage_record_id = usage.usage_record_id
LEFT JOIN billed
    ON billed.month = usage.month
    AND billed.usage_record_id = usage.usage_record_id
LEFT JOIN billing.fx_in_force AS into_invoice
    ON into_invoice.month = usage.month
    AND into_invoice.from_currency = terms.currency
    AND into_invoice.to_currency = billed.currency
LEFT JOIN billing.fx_in_force AS from_invoice
    ON from_invoice.month = usage.month
    AND from_invoice.from_currency = billed.currency
    AND from_invoice.to_currency = terms.currency
UNION ALL
SELECT
    usage.month,
    usage.vendor,
    usage.connection,
    nobody.owner,
    '' AS usage_record_id,
    usage.sku,
    usage.dimension,
    terms.currency,
    false AS billable,
    usage.quantity,
    CAST(NULL AS DECIMAL(37,15)) AS cost,
    CAST(NULL AS DECIMAL(20,6)) AS billed_quantity,
    CAST(0 AS DECIMAL(37,15)) AS billed_amount
FROM billing.unmapped_usage AS usage
INNER JOIN ops.build_month AS build
    ON build.month = usage.month
INNER JOIN billing.unmapped_account AS nobody
    ON nobody.month = usage.month
    AND nobody.vendor = usage.vendor
    AND nobody.connection = usage.connection
    AND nobody.account_id = usage.account_id
LEFT JOIN billing.cost_terms AS terms
    ON terms.month = usage.month
    AND terms.vendor = usage.vendor
    AND terms.connection = usage.connection;
