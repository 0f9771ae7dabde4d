-- What was used at a vendor, what the vendor invoiced for it, and what we billed for it, side by side: by customer
-- and SKU, in the vendor's currency, with the cause where they do not agree. Where the vendor's invoice names no
-- accounts, by SKU over all of them. A vendor's invoice is missed in a month that is over, when one of its
-- invoices was brought for that month, or for one of the three before it.
-- grain: one customer of one connection, or an account that is nobody's, or all of them, and SKU in one month
-- key: month, vendor, connection, party, sku, dimension, basis
-- source: reconciliation.billed_record, reconciliation.vendor_invoice_line, billing.mapped_account,
--     billing.unmapped_account, billing.cost_terms, billing.customer_terms, billing.fx_in_force,
--     staging.vendor_transaction, reference.sku, reference.unit, reference.currency
-- partition: month
-- rebuilds: month
-- units: quantities in the SKU's unit, amounts in currency
-- rounding: differences of amounts to the currency's smallest unit; a quantity of part of the month to 6 decimals,
--     amounts converted to 15; half away from zero
CREATE TABLE IF NOT EXISTS reconciliation.three_way (
    month DATE NOT NULL,
    vendor VARCHAR NOT NULL,
    connection VARCHAR NOT NULL,
    party VARCHAR NOT NULL, -- stands for whose it is in the month; * for everybody
    account_id VARCHAR, -- at the vendor, where there is only one
    customer_id VARCHAR,
    billed_customer_id VARCHAR,
    billing_entity_id VARCHAR,
    sku VARCHAR NOT NULL, -- empty for what the vendor invoiced and nothing says as what it is sold
    dimension VARCHAR NOT NULL,
    basis VARCHAR NOT NULL, -- usage; or order, which is expected to cost what the vendor's price list says
    vendor_invoice VARCHAR NOT NULL, -- of the vendor for the month: imported, expected, not expected
    documents VARCHAR, -- the first of the vendor's invoices
    description VARCHAR, -- of the first line of it
    lines BIGINT NOT NULL, -- on it
    unit VARCHAR,
    currency VARCHAR, -- of what the vendor charges
    used_quantity DECIMAL(20,6), -- null is unknown where it is used, and none where it is not
    billable_quantity DECIMAL(20,6), -- of it
    expected_amount DECIMAL(37,15), -- what it should cost; null is unknown
    invoiced_quantity DECIMAL(20,6), -- by the vendor, for the month: a line for half of its days counts half
    invoiced_amount DECIMAL(37,15),
    billed_quantity DECIMAL(20,6), -- by us, on documents and drafts
    billed_amount DECIMAL(37,15), -- likewise, in currency; null where no exchange rate leads there
    quantity_difference DECIMAL(20,6), -- invoiced less used
    amount_difference DECIMAL(18,4), -- invoiced less expected
    cause VARCHAR -- mapping, missing_usage, missing_vendor_invoice, unit_base, period, quantity, missing_our_invoice, price; null where all agree
);
WITH
-- An account that changed hands in the month has one line on the vendor's invoice: its owners count as one.
owned AS (
    SELECT mapped.month, mapped.vendor, mapped.connection, mapped.account_id, mapped.owner, mapped.customer_id
    FROM billing.mapped_account AS mapped
    INNER JOIN ops.build_month AS build
        ON build.month = mapped.month
    UNION ALL
    SELECT nobody.month, nobody.vendor, nobody.connection, nobody.account_id, nobody.owner, NULL AS customer_id
    FROM billing.unmapped_account AS nobody
    INNER JOIN ops.build_month AS build
        ON build.month = nobody.month
),
account AS (
    SELECT month, vendor, connection, account_id, max(owner) AS owner
    FROM owned
    GROUP BY month, vendor, connection, account_id
),
together AS (
    SELECT
        owned.month,
        owned.vendor,
        owned.connection,
        owned.owner,
        max(account.owner) AS party
    FROM owned
    INNER JOIN account
        ON account.month = owned.month
        AND account.vendor = owned.vendor
        AND account.connection = owned.connection
        AND account.account_id = owned.account_id
    GROUP BY owned.month, owned.vendor, owned.connection, owned.owner
),
named AS (
    SELECT
        together.month,
        CAST(together.party AS VARCHAR) AS party,
        CASE WHEN count(DISTINCT owned.account_id) = 1 THEN min(owned.account_id) END AS account_id,
        min(owned.customer_id) AS customer_id
    FROM together
    INNER JOIN owned
        ON owned.month = together.month
        AND owned.owner = together.owner
    GROUP BY together.month, together.party
),
line AS (
    SELECT
        told.*,
        date_diff('day', build.month, build.last_day) + 1 AS days_of_month,
        coalesce(told.sku, '') AS sold_sku,
        coalesce(told.dimension, '') AS sold_dimension,
        terms.currency AS cost_currency,
        CASE
            WHEN terms.currency IS NULL OR terms.currency = told.currency THEN told.amount
            WHEN fx.rate IS NOT NULL THEN billing.converted(told.amount, fx.rate)
        END AS cost_amount,
        CASE
            WHEN terms.currency IS NULL OR terms.currency = told.currency THEN told.expected_amount
            WHEN fx.rate IS NOT NULL THEN billing.converted(told.expected_amount, fx.rate)
        END AS expected_cost
    FROM reconciliation.vendor_invoice_line AS told
    INNER JOIN ops.build_month AS build
        ON build.month = told.month
    LEFT JOIN billing.cost_terms AS terms
        ON terms.month = told.month
        AND terms.vendor = told.vendor
        AND terms.connection = told.connection
    LEFT JOIN billing.fx_in_force AS fx
        ON fx.month = told.month
        AND fx.from_currency = told.currency
        AND fx.to_currency = terms.currency
    WHERE told.days_covered > 0
        AND (told.sku IS NOT NULL OR told.kind <> 'credit') -- given for nothing that is named
),
whole AS (
    SELECT DISTINCT month, vendor, connection, sold_sku, sold_dimension FROM line WHERE account_id IS NULL
),
invoiced AS (
    SELECT
        line.month,
        line.vendor,
        line.connection,
        line.basis,
        CASE
            WHEN whole.month IS NOT NULL THEN '*'
            ELSE coalesce(CAST(together.party AS VARCHAR), concat('account ', line.account_id))
        END AS party,
        min(CASE WHEN whole.month IS NULL THEN line.account_id END) AS account_id,
        line.sold_sku AS sku,
        line.sold_dimension AS dimension,
        min(line.document_number) AS documents,
        min(coalesce(line.description, line.product)) AS description,
        count(*) AS lines,
        coalesce(line.cost_currency, line.currency) AS currency,
        CASE WHEN count(*) = count(line.sku_quantity) THEN sum(billing.share(
            billing.millionths(line.sku_quantity), line.days_covered, line.days_of_month
        )) END AS quantity,
        CASE WHEN count(*) = count(line.cost_amount) THEN sum(line.cost_amount) END AS amount,
        CASE WHEN count(*) = count(line.cost_amount) THEN sum(coalesce(line.expected_cost, line.cost_amount)) END
            AS expected_amount,
        bool_or(line.days_covered <> line.days_of_month) AS has_other_period
    FROM line
    LEFT JOIN whole
        ON whole.month = line.month
        AND whole.vendor = line.vendor
        AND whole.connection = line.connection
        AND whole.sold_sku = line.sold_sku
        AND whole.sold_dimension = line.sold_dimension
    LEFT JOIN account
        ON account.month = line.month
        AND account.vendor = line.vendor
        AND account.connection = line.connection
        AND account.account_id = line.account_id
    LEFT JOIN together
        ON together.month = account.month
        AND together.owner = account.owner
    GROUP BY ALL
),
used AS (
    SELECT
        record.month,
        record.vendor,
        record.connection,
        CASE WHEN whole.month IS NULL THEN CAST(together.party AS VARCHAR) ELSE '*' END AS party,
        record.sku,
        record.dimension,
        record.currency,
        CASE WHEN count(*) = count(record.quantity) THEN sum(record.quantity) END AS quantity,
        sum(CASE WHEN record.billable THEN record.quantity END) AS billable_quantity,
        CASE WHEN count(*) = count(record.cost) THEN sum(record.cost) END AS expected_amount,
        sum(record.billed_quantity) AS billed_quantity,
        CASE WHEN count(*) = count(record.billed_amount) THEN sum(record.billed_amount) END AS billed_amount
    FROM reconciliation.billed_record AS record
    INNER JOIN ops.build_month AS build
        ON build.month = record.month
    INNER JOIN together
        ON together.month = record.month
        AND together.owner = record.owner
    LEFT JOIN whole
        ON whole.month = record.month
        AND whole.vendor = record.vendor
        AND whole.connection = record.connection
        AND whole.sold_sku = record.sku
        AND whole.sold_dimension = record.dimension
    GROUP BY ALL
),
met AS (
    SELECT
        coalesce(invoiced.month, used.month) AS month,
        coalesce(invoiced.vendor, used.vendor) AS vendor,
        coalesce(invoiced.connection, used.connection) AS connection,
        coalesce(invoiced.party, used.party) AS party,
        coalesce(invoiced.sku, used.sku) AS sku,
        coalesce(invoiced.dimension, used.dimension) AS dimension,
        coalesce(invoiced.basis, 'usage') AS basis,
        invoiced.account_id,
        invoiced.documents,
        invoiced.description,
        coalesce(invoiced.lines, 0) AS lines,
        coalesce(invoiced.currency, used.currency) AS currency,
        used.quantity AS used_quantity,
        used.month IS NOT NULL AS is_used,
        used.billable_quantity,
        CASE WHEN invoiced.basis = 'order' THEN invoiced.expected_amount ELSE used.expected_amount END AS expected_amount,
        invoiced.quantity AS invoiced_millionths,
        invoiced.amount AS invoiced_amount,
        coalesce(invoiced.has_other_period, false) AS has_other_period,
        used.billed_quantity,
        used.billed_amount
    FROM invoiced
    FULL JOIN used
        ON used.month = invoiced.month
        AND used.vendor = invoiced.vendor
        AND used.connection = invoiced.connection
        AND used.party = invoiced.party
        AND used.sku = invoiced.sku
        AND used.dimension = invoiced.dimension
),
told_before AS (
    SELECT DISTINCT build.month, told.vendor, told.connection
    FROM staging.vendor_transaction AS told
    INNER JOIN ops.build_month AS build
        ON told.usage_date < build.month
        AND date_diff('month', told.usage_date, build.month) <= 3
    WHERE told.document_number IS NOT NULL
),
told_now AS (
    SELECT DISTINCT month, vendor, connection FROM line WHERE basis = 'usage'
),
sized AS (
    SELECT
        met.*,
        CASE
            WHEN told_now.month IS NOT NULL THEN 'imported'
            WHEN told_before.month IS NOT NULL AND build.metered_until = build.last_day THEN 'expected'
            ELSE 'not expected'
        END AS vendor_invoice,
        sku.unit,
        unit.kind = 'storage' AS is_storage,
        currency.minor_unit,
        billing.millionths(met.used_quantity) AS used_millionths,
        billing.millionths(sku.quantity_step) AS step,
        billing.cents(met.invoiced_amount, currency.minor_unit) AS invoiced_cents,
        billing.cents(met.expected_amount, currency.minor_unit) AS expected_cents
    FROM met
    INNER JOIN ops.build_month AS build
        ON build.month = met.month
    LEFT JOIN told_now
        ON told_now.month = met.month
        AND told_now.vendor = met.vendor
        AND told_now.connection = met.connection
    LEFT JOIN told_before
        ON told_before.month = met.month
        AND told_before.vendor = met.vendor
        AND told_before.connection = met.connection
    LEFT JOIN reference.sku AS sku
        ON sku.sku = met.sku
    LEFT JOIN reference.unit AS unit
        ON unit.unit = sku.unit
    LEFT JOIN reference.currency AS currency
        ON currency.currency = met.currency
),
compared AS (
    SELECT
        *,
        invoiced_cents - expected_cents AS amount_difference,
        invoiced_millionths - used_millionths AS off,
        greatest(invoiced_millionths, used_millionths) AS larger,
        least(invoiced_millionths, used_millionths) AS smaller
    FROM sized
),
judged AS (
    SELECT
        *,
        CASE
            WHEN lines > 0 AND sku = '' THEN CASE WHEN invoiced_amount > 0 AND basis = 'usage' THEN 'mapping' END
            WHEN lines > 0 AND invoiced_cents <> 0 AND (NOT is_used OR used_quantity = 0) THEN 'missing_usage'
            WHEN lines = 0 AND used_quantity <> 0 AND coalesce(expected_cents <> 0, true) AND vendor_invoice <> 'not expected'
                THEN 'missing_vendor_invoice'
            WHEN lines > 0 AND CAST(party AS VARCHAR) LIKE '-%' THEN 'mapping'
            WHEN basis = 'usage' AND abs(off) >= step THEN CASE
                WHEN is_storage AND smaller > 0 AND (
                    abs(CAST(larger AS HUGEINT) * CAST(1000000 AS HUGEINT) - CAST(smaller AS HUGEINT) * CAST(1024000 AS HUGEINT))
                    <= CAST(smaller AS HUGEINT) * CAST(500 AS HUGEINT)
                    OR abs(CAST(larger AS HUGEINT) * CAST(1000000 AS HUGEINT) - CAST(smaller AS HUGEINT) * CAST(1048576 AS HUGEINT))
                    <= CAST(smaller AS HUGEINT) * CAST(500 AS HUGEINT)
                    OR abs(CAST(larger AS HUGEINT) * CAST(1000000 AS HUGEINT) - CAST(smaller AS HUGEINT) * CAST(1073742 AS HUGEINT))
                    <= CAST(smaller AS HUGEINT) * CAST(500 AS HUGEINT)
                    OR abs(CAST(larger AS HUGEINT) * CAST(1000000 AS HUGEINT) - CAST(smaller AS HUGEINT) * CAST(1099512 AS HUGEINT))
                    <= CAST(smaller AS HUGEINT) * CAST(500 AS HUGEINT)
                ) THEN 'unit_base'
                WHEN has_other_period THEN 'period'
                ELSE 'quantity'
            END
            WHEN lines > 0 AND invoiced_cents > 0 AND billable_quantity > 0 AND coalesce(billed_quantity, 0) = 0
                THEN 'missing_our_invoice'
            -- So many lines, each rounded, may be off the rounded sum by this.
            WHEN lines > 0 AND CAST(abs(amount_difference) AS DECIMAL(18,4)) * CAST(2 AS DECIMAL(19,0))
                >= CAST(lines + 1 AS DECIMAL(19,0)) * CAST(minor_unit AS DECIMAL(5,4))
                THEN 'price'
        END AS cause
    FROM compared
)
SELECT
    judged.month,
    judged.vendor,
    judged.connection,
    judged.party,
    coalesce(named.account_id, judged.account_id) AS account_id,
    named.customer_id,
    terms.billed_customer_id,
    terms.billing_entity_id,
    judged.sku,
    judged.dimension,
    judged.basis,
    judged.vendor_invoice,
    judged.documents,
    judged.description,
    judged.lines,
    judged.unit,
    judged.currency,
    judged.used_quantity,
    judged.billable_quantity,
    CAST(judged.expected_amount AS DECIMAL(37,15)) AS expected_amount,
    CAST(CAST(judged.invoiced_millionths AS DECIMAL(20,0)) * CAST(0.000001 AS DECIMAL(6,6)) AS DECIMAL(20,6)) AS invoiced_quantity,
    CAST(judged.invoiced_amount AS DECIMAL(37,15)) AS invoiced_amount,
    CAST(judged.billed_quantity AS DECIMAL(20,6)) AS billed_quantity,
    CAST(judged.billed_amount AS DECIMAL(37,15)) AS billed_amount,
    CAST(CAST(judged.off AS DECIMAL(20,0)) * CAST(0.000001 AS DECIMAL(6,6)) AS DECIMAL(20,6)) AS quantity_difference,
    CAST(judged.amount_difference AS DECIMAL(18,4)) AS amount_difference,
    judged.cause
FROM judged
LEFT JOIN named
    ON named.month = judged.month
    AND named.party = judged.party
LEFT JOIN billing.customer_terms AS terms
    ON terms.month = judged.month
    AND terms.customer_id = named.customer_id;
