-- Drafts and documents that do not add up: lines that do not sum to the net, taxes to the tax, or net and tax to
-- the total; and money that is not what its currency says: an exchange rate that is missing or not that of the
-- frozen set, a line in another currency than its invoice, amounts finer than the currency's smallest unit.
-- Voided documents and credit notes are held to the same.
-- R-27: invoice arithmetic
-- R-41: currency
-- stops: issue
-- direction: each row
-- tolerance: amount 0, percent 0, count 0
-- guards: billing.invoice
-- vendors: all
-- source: billing.draft, billing.draft_line, billing.draft_tax, billing.document, billing.document_line,
--     billing.document_tax, reference.currency, reference.fx_rate, reference.rate_card
WITH
document AS (
    SELECT
        invoice_id, month, billing_entity_id, billed_customer_id, currency, lines, net, tax, total,
        concat('the draft for ', billed_customer_id) AS name,
        1 AS side
    FROM billing.draft
    UNION ALL
    SELECT
        document_id AS invoice_id, month, billing_entity_id, billed_customer_id, currency, lines, net, tax, total,
        concat(CASE kind WHEN 'credit_note' THEN 'credit note ' ELSE 'invoice ' END, number) AS name,
        CASE kind WHEN 'credit_note' THEN -1 ELSE 1 END AS side
    FROM billing.document
),
built AS (
    SELECT document.*, build.last_day, currency.minor_unit
    FROM document
    INNER JOIN ops.build_month AS build
        ON build.month = document.month
    INNER JOIN reference.currency AS currency
        ON currency.currency = document.currency
),
line AS (
    SELECT
        invoice_id, month, line_no, customer_id, sku, currency, rate_card, price_currency, fx_rate, unit_price, kind,
        charge_class, exact_amount, amount
    FROM billing.draft_line
    UNION ALL BY NAME
    SELECT
        document_id AS invoice_id, month, line_no, customer_id, sku, rate_card, price_currency, fx_rate, unit_price,
        kind, charge_class, exact_amount, amount
    FROM billing.document_line
),
standing AS (
    SELECT line.*, built.* EXCLUDE (invoice_id, month, currency), built.currency AS invoice_currency
    FROM line
    INNER JOIN built
        ON built.invoice_id = line.invoice_id
        AND built.month = line.month
),
line_sum AS (
    SELECT invoice_id, sum(amount) AS amount, count(*) AS lines, sum(exact_amount) AS exact_amount
    FROM standing
    GROUP BY invoice_id
),
tax_sum AS (
    SELECT invoice_id, sum(tax) AS tax
    FROM (
        SELECT invoice_id, tax FROM billing.draft_tax
        UNION ALL
        SELECT document_id AS invoice_id, tax FROM billing.document_tax
    ) AS tax
    GROUP BY invoice_id
),
stated AS (
    SELECT built.*, 'lines' AS subject, built.net AS stated, line_sum.amount AS summed, 'its lines sum to' AS words
    FROM built
    LEFT JOIN line_sum
        ON line_sum.invoice_id = built.invoice_id
    WHERE line_sum.amount IS DISTINCT FROM built.net
    UNION ALL
    SELECT built.*, 'count' AS subject, built.lines AS stated, line_sum.lines AS summed, 'the lines there are number' AS words
    FROM built
    INNER JOIN line_sum
        ON line_sum.invoice_id = built.invoice_id
    WHERE line_sum.lines <> built.lines
        AND line_sum.amount = built.net
    UNION ALL
    SELECT built.*, 'tax' AS subject, built.tax AS stated, coalesce(tax_sum.tax, 0) AS summed, 'its taxes sum to' AS words
    FROM built
    LEFT JOIN tax_sum
        ON tax_sum.invoice_id = built.invoice_id
    WHERE built.tax <> coalesce(tax_sum.tax, 0)
    UNION ALL
    SELECT
        built.*, 'total' AS subject, built.total AS stated, built.net + built.tax AS summed,
        'net and tax come to' AS words
    FROM built
    WHERE built.total <> built.net + built.tax
    UNION ALL
    -- A credit note is worked out from cents.
    SELECT
        built.*, 'rounding' AS subject, built.net AS stated,
        billing.cents(CAST(line_sum.exact_amount AS DECIMAL(37,15)), built.minor_unit) AS summed,
        'its exact amounts come to' AS words
    FROM built
    INNER JOIN line_sum
        ON line_sum.invoice_id = built.invoice_id
    WHERE built.side = 1
        AND line_sum.amount = built.net
        AND abs(line_sum.exact_amount - built.net) + abs(line_sum.exact_amount - built.net) > built.minor_unit
),
frozen AS (
    SELECT standing.*, fx.rate AS frozen_rate
    FROM standing
    LEFT JOIN reference.fx_rate AS fx
        ON fx.from_currency = standing.price_currency
        AND fx.to_currency = standing.invoice_currency
        AND fx.valid_from <= standing.last_day
        AND (fx.valid_to IS NULL OR fx.valid_to > standing.last_day)
    WHERE standing.charge_class = ''
),
otherwise AS (
    SELECT
        *,
        billing.fine(exact_amount) AS fine_amount,
        CAST(billing.nano(frozen_rate) AS HUGEINT) AS frozen_nano,
        CAST(billing.nano(coalesce(fx_rate, 1)) AS HUGEINT) AS nano
    FROM frozen
    WHERE price_currency <> invoice_currency
        AND frozen_rate IS NOT NULL
        AND fx_rate IS DISTINCT FROM frozen_rate
),
-- What the line would come to at the frozen rate.
valued AS (
    SELECT *, billing.exact(billing.share(fine_amount, frozen_nano, nano)) AS frozen_amount FROM otherwise
),
wrong_currency AS (
    SELECT
        valued.*,
        'rate' AS what,
        abs(exact_amount - frozen_amount) AS amount_at_risk,
        CASE WHEN exact_amount < frozen_amount THEN 'leak' ELSE 'over_bill' END AS direction,
        concat(
            'takes ', price_currency, ' to ', invoice_currency, ' at ', coalesce(billing.plain(fx_rate), 'no rate'),
            ', where the frozen set of the month has ', billing.plain(frozen_rate),
            ': build the month again, or correct it when it is issued'
        ) AS words
    FROM valued
    UNION ALL BY NAME
    SELECT
        frozen.*,
        'rate' AS what,
        abs(exact_amount) AS amount_at_risk,
        'control' AS direction,
        concat(
            'takes ', price_currency, ' to ', invoice_currency,
            ' at a rate that fx_rate does not have for the last day of the month: add it there'
        ) AS words
    FROM frozen
    WHERE price_currency <> invoice_currency
        AND frozen_rate IS NULL
    UNION ALL BY NAME
    SELECT
        standing.*,
        'mixed' AS what,
        abs(amount) AS amount_at_risk,
        'control' AS direction,
        concat('is in ', currency, ' on an invoice in ', invoice_currency, ': build the month again') AS words
    FROM standing
    WHERE currency <> invoice_currency
    UNION ALL BY NAME
    SELECT
        standing.*,
        'digits' AS what,
        abs(amount) % minor_unit AS amount_at_risk,
        'control' AS direction,
        concat(
            'is of ', billing.plain(amount), ' ', invoice_currency, ', whose smallest unit is ', billing.plain(minor_unit),
            ': build the month again, or correct it when it is issued'
        ) AS words
    FROM standing
    WHERE amount % minor_unit <> 0
)
SELECT
    'R-27' AS code,
    month,
    billing_entity_id,
    billed_customer_id,
    concat(name, ': ', subject) AS subject,
    CASE
        WHEN subject = 'count' THEN 'control'
        WHEN coalesce(summed, 0) > stated THEN 'leak'
        ELSE 'over_bill'
    END AS direction,
    CASE subject WHEN 'count' THEN 'lines' ELSE currency END AS unit,
    coalesce(summed, 0) AS expected,
    stated AS actual,
    currency,
    CASE WHEN subject <> 'count' THEN abs(stated - coalesce(summed, 0)) END AS amount,
    concat(
        upper(substr(name, 1, 1)), substr(name, 2), ' states ', billing.plain(stated),
        CASE subject WHEN 'count' THEN ' lines' ELSE concat(' ', currency) END,
        CASE subject WHEN 'lines' THEN ' net' WHEN 'rounding' THEN ' net' WHEN 'tax' THEN ' tax' WHEN 'total' THEN ' in total' ELSE '' END,
        ', and ', words, ' ', billing.plain(coalesce(summed, 0)),
        ': build the month again; of what is issued find out who changed it, by `backup-billing verify`.'
    ) AS sentence
FROM stated
UNION ALL BY NAME
SELECT
    'R-41' AS code,
    month,
    billing_entity_id,
    billed_customer_id,
    customer_id,
    sku,
    concat(name, ' line ', CAST(line_no AS VARCHAR), ': ', what) AS subject,
    direction,
    invoice_currency AS currency,
    amount_at_risk AS amount,
    concat('Line ', CAST(line_no AS VARCHAR), ' of ', name, ' ', words, '.') AS sentence
FROM wrong_currency;
