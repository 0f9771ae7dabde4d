-- What vendors charge us, line by line, for the days of each month: lines of invoices that somebody brought as
-- files, and ResellerClub's transactions for orders. A line for several months has a row in each of them, with
-- the part of its amount that its days in that month are of all its days. What it charges for days before the
-- month it was brought for stands in that month; where it charges only later days, it has a row there of none.
-- grain: one line in one month
-- key: month, vendor, connection, transaction_id, usage_date
-- source: staging.vendor_transaction, staging.subscription, staging.vendor_price, reference.sku_mapping,
--     reference.sku, reference.unit
-- partition: month
-- rebuilds: month
-- units: quantity and unit_price in unit; money in currency, a charge above zero
-- rounding: amounts of a part of a line to 15 decimals, half away from zero; quantities in the SKU's unit to 6
CREATE TABLE IF NOT EXISTS reconciliation.vendor_invoice_line (
    month DATE NOT NULL,
    vendor VARCHAR NOT NULL,
    connection VARCHAR NOT NULL,
    transaction_id VARCHAR NOT NULL,
    basis VARCHAR NOT NULL, -- usage: charged by what was used; order: by what was ordered, in advance
    kind VARCHAR NOT NULL, -- invoice_line, adjustment, credit; of an order: term, storage, or order where it is not known which
    document_number VARCHAR,
    occurred_on DATE NOT NULL,
    account_id VARCHAR, -- null where the line names none
    order_id VARCHAR,
    product VARCHAR, -- as the vendor calls it
    sku VARCHAR, -- null where nothing says as what it is sold
    dimension VARCHAR,
    description VARCHAR,
    service_period_start DATE NOT NULL,
    service_period_end DATE NOT NULL, -- the first day after it
    days_covered INTEGER NOT NULL, -- of the period in the month
    days_of_line INTEGER NOT NULL, -- of the whole period
    quantity DECIMAL(28,9), -- of the whole line, in unit
    unit VARCHAR,
    unit_price DECIMAL(18,9),
    sku_quantity DECIMAL(20,6), -- of the whole line, in the SKU's unit
    currency VARCHAR NOT NULL,
    line_amount DECIMAL(28,9) NOT NULL, -- of the whole line
    amount DECIMAL(37,15) NOT NULL, -- of the month
    expected_line_amount DECIMAL(28,9), -- of an order's term: by the vendor's own price list of the day
    expected_amount DECIMAL(37,15),
    is_first BOOLEAN NOT NULL, -- whether this is the month that the line was brought for
    usage_date DATE NOT NULL, -- these three: where it was landed
    pull_id VARCHAR NOT NULL,
    row_no BIGINT
);
WITH
charge AS (
    SELECT
        told.* EXCLUDE (amount, account_id, sku),
        nullif(told.account_id, '') AS account_id,
        nullif(told.sku, '') AS sku,
        CAST(date_trunc('month', told.usage_date) AS DATE) AS brought_for,
        CASE WHEN told.kind IN ('invoice', 'debit') THEN -told.amount ELSE told.amount END AS amount,
        told.kind IN ('invoice', 'debit') AS is_order
    FROM staging.vendor_transaction AS told
    WHERE told.kind IN ('invoice', 'debit', 'invoice_line', 'adjustment', 'credit')
        AND (told.document_number IS NOT NULL OR told.order_id IS NOT NULL)
),
-- An order as the vendor told it on the day of the transaction, and on the days before it that are landed.
ordered AS (
    SELECT
        charge.vendor,
        charge.connection,
        charge.transaction_id,
        charge.usage_date,
        min(CASE WHEN held.usage_date = charge.usage_date THEN held.account_id END) AS account_id,
        min(held.account_id) AS any_account_id,
        min(held.product) AS product,
        max(held.plan) AS plan,
        max(CASE WHEN held.usage_date = charge.usage_date THEN held.started_on END) AS started_on,
        max(CASE WHEN held.usage_date = charge.usage_date THEN held.ends_on END) AS ends_on,
        min(CASE WHEN held.usage_date < charge.usage_date THEN held.ends_on END) AS ended_on,
        max(CASE WHEN held.usage_date = charge.usage_date THEN held.quantity END) AS quantity,
        min(CASE WHEN held.usage_date < charge.usage_date THEN held.quantity END) AS quantity_before
    FROM charge
    INNER JOIN staging.subscription AS held
        ON held.vendor = charge.vendor
        AND held.connection = charge.connection
        AND held.subscription_id = charge.order_id
        AND held.usage_date <= charge.usage_date
        AND held.usage_date > charge.usage_date - 4
    WHERE charge.is_order
    GROUP BY charge.vendor, charge.connection, charge.transaction_id, charge.usage_date
),
term AS (
    SELECT
        charge.*,
        coalesce(ordered.account_id, ordered.any_account_id) AS order_account_id,
        ordered.product AS order_product,
        ordered.plan,
        ordered.quantity_before < ordered.quantity AS has_more_storage,
        CASE
            WHEN ordered.started_on = charge.usage_date THEN ordered.started_on
            WHEN ordered.ended_on < ordered.ends_on THEN ordered.ended_on
        END AS term_start,
        ordered.ends_on AS term_end,
        CASE WHEN ordered.started_on = charge.usage_date THEN 'cost' ELSE 'renewal' END AS price_kind
    FROM charge
    LEFT JOIN ordered
        ON ordered.vendor = charge.vendor
        AND ordered.connection = charge.connection
        AND ordered.transaction_id = charge.transaction_id
        AND ordered.usage_date = charge.usage_date
    -- Of what an account is charged, only what is for a product that is read from there.
    WHERE NOT charge.is_order
        OR ordered.transaction_id IS NOT NULL
        OR charge.product IN (SELECT DISTINCT product FROM staging.vendor_price WHERE price_kind = 'cost')
),
priced AS (
    SELECT
        term.*,
        price.price,
        CASE
            WHEN NOT term.is_order THEN term.kind
            WHEN term.term_start IS NOT NULL AND (NOT coalesce(term.has_more_storage, false) OR price.price = term.amount)
                THEN 'term'
            WHEN term.has_more_storage THEN 'storage'
            ELSE 'order'
        END AS charged_kind
    FROM term
    LEFT JOIN staging.vendor_price AS price
        ON price.vendor = term.vendor
        AND price.connection = term.connection
        AND price.product = term.order_product
        AND price.plan = term.plan
        AND price.price_kind = term.price_kind
        AND price.currency = term.currency
        AND price.usage_date = term.usage_date
        AND price.term_months = greatest(1, date_diff('month', term.term_start, term.term_end))
),
-- Where all rows for a product lead to one SKU, so does the invoice's line for it.
sold AS (
    SELECT
        build.month,
        mapping.vendor,
        mapping.product,
        min(mapping.sku) AS sku,
        min(mapping.dimension) AS dimension
    FROM reference.sku_mapping AS mapping
    INNER JOIN ops.build_month AS build
        ON mapping.valid_from <= build.last_day
        AND (mapping.valid_to IS NULL OR mapping.valid_to > build.month)
    GROUP BY build.month, mapping.vendor, mapping.product
    HAVING count(DISTINCT concat(mapping.sku, '/', mapping.dimension)) = 1
),
dated AS (
    SELECT
        * EXCLUDE (kind, service_start, service_end),
        charged_kind AS kind,
        coalesce(service_start, CASE charged_kind WHEN 'term' THEN term_start ELSE usage_date END) AS service_start,
        coalesce(
            service_end,
            CASE WHEN charged_kind IN ('term', 'storage') AND term_end > usage_date THEN term_end ELSE usage_date + 1 END
        ) AS service_end
    FROM priced
),
monthly AS (
    SELECT
        build.month,
        line.*,
        line.brought_for = build.month AS is_first,
        CAST(date_diff('day', line.service_start, line.service_end) AS INTEGER) AS days_of_line,
        CAST(greatest(0, date_diff(
            'day',
            CASE WHEN line.brought_for = build.month THEN line.service_start ELSE greatest(line.service_start, build.month) END,
            least(line.service_end, build.last_day + 1)
        )) AS INTEGER) AS days_covered
    FROM dated AS line
    INNER JOIN ops.build_month AS build
        ON line.brought_for = build.month
        OR (line.brought_for < build.month AND line.service_start <= build.last_day AND line.service_end > build.month)
),
known AS (
    SELECT
        monthly.* EXCLUDE (sku, dimension, account_id),
        coalesce(monthly.account_id, monthly.order_account_id) AS account_id,
        coalesce(monthly.sku, sold.sku) AS sku,
        CASE WHEN monthly.sku IS NOT NULL THEN coalesce(monthly.dimension, '') ELSE sold.dimension END AS dimension,
        CASE WHEN monthly.kind = 'term' THEN monthly.price END AS expected_line_amount
    FROM monthly
    LEFT JOIN sold
        ON sold.month = monthly.month
        AND sold.vendor = monthly.vendor
        AND sold.product = coalesce(monthly.plan, monthly.product)
),
measured AS (
    SELECT
        known.*,
        CASE WHEN told.kind = ours.kind AND told.size <> ours.size
            THEN billing.share(
                CAST(billing.nano(known.quantity) AS HUGEINT), CAST(told.size AS HUGEINT), CAST(ours.size AS HUGEINT) * CAST(1000 AS HUGEINT)
            )
            ELSE billing.half(billing.nano(known.quantity), 1000)
        END AS millionths,
        billing.fine(known.amount) AS fine_amount,
        billing.fine(known.expected_line_amount) AS fine_expected
    FROM known
    LEFT JOIN reference.sku AS sku
        ON sku.sku = known.sku
    LEFT JOIN reference.unit AS ours
        ON ours.unit = sku.unit
    LEFT JOIN reference.unit AS told
        ON told.unit = known.unit
)
SELECT
    month,
    vendor,
    connection,
    transaction_id,
    CASE WHEN is_order THEN 'order' ELSE 'usage' END AS basis,
    kind,
    document_number,
    CAST(strftime(occurred_at, '%Y-%m-%d') AS DATE) AS occurred_on,
    account_id,
    order_id,
    product,
    sku,
    dimension,
    description,
    service_start AS service_period_start,
    service_end AS service_period_end,
    days_covered,
    days_of_line,
    quantity,
    unit,
    unit_price,
    CAST(CAST(millionths AS DECIMAL(20,0)) * CAST(0.000001 AS DECIMAL(6,6)) AS DECIMAL(20,6)) AS sku_quantity,
    currency,
    amount AS line_amount,
    billing.exact(CASE WHEN days_covered = days_of_line THEN fine_amount
        ELSE billing.share(fine_amount, days_covered, days_of_line)
    END) AS amount,
    expected_line_amount,
    billing.exact(CASE WHEN days_covered = days_of_line THEN fine_expected
        ELSE billing.share(fine_expected, days_covered, days_of_line)
    END) AS expected_amount,
    is_first,
    usage_date,
    pull_id,
    row_no
FROM measured;
