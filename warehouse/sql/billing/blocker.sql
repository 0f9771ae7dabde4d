-- What stops an invoice from being issued, or a month from being closed, and what to do about it.
-- grain: one reason
-- key: month, billing_entity_id, billed_customer_id, kind, sentence
-- source: ops.open_problem, ops.pull, staging.vendor_price, billing.uncharged_usage, billing.unmapped_account, billing.unmapped_usage,
--     billing.draft, billing.draft_line, billing.restatement, billing.customer_terms, reference.billing_entity,
--     reference.rate_card, reference.rate, reference.currency
-- units: amount at risk in currency; null when it is not known
-- rounding: amounts at list price to the currency's smallest unit, half away from zero
CREATE OR REPLACE VIEW billing.blocker AS
WITH
-- What usage of nobody would cost: at the first price of the first rate card in the entity's currency.
list AS (
    SELECT
        entity.billing_entity_id,
        entity.currency,
        currency.minor_unit,
        min(card.rate_card) AS rate_card
    FROM reference.billing_entity AS entity
    INNER JOIN reference.currency AS currency
        ON currency.currency = entity.currency
    LEFT JOIN reference.rate_card AS card
        ON card.currency = entity.currency
        AND card.side = 'sell'
    GROUP BY entity.billing_entity_id, entity.currency, currency.minor_unit
),
priced AS (
    SELECT
        usage.month,
        usage.vendor,
        usage.connection,
        usage.account_id,
        list.billing_entity_id,
        CASE rate.model
            WHEN 'flat' THEN CAST(rate.unit_price AS DECIMAL(37,15))
            ELSE CAST(CAST(usage.quantity AS DECIMAL(20,6)) * CAST(rate.unit_price AS DECIMAL(17,9)) AS DECIMAL(37,15))
        END AS amount,
        row_number() OVER (
            PARTITION BY
                usage.month, usage.vendor, usage.connection, usage.account_id, usage.sku, usage.dimension,
                list.billing_entity_id
            ORDER BY rate.dimension DESC, rate.valid_from DESC
        ) AS place
    FROM billing.unmapped_usage AS usage
    CROSS JOIN list
    INNER JOIN reference.rate AS rate
        ON rate.rate_card = list.rate_card
        AND rate.sku = usage.sku
        AND rate.customer_id = ''
        AND rate.dimension IN (usage.dimension, '')
        AND rate.tier_from = 0
        AND rate.model IN ('flat', 'per_unit', 'graduated', 'volume')
        AND rate.valid_from <= last_day(usage.month)
        AND (rate.valid_to IS NULL OR rate.valid_to > usage.month)
),
at_list AS (
    SELECT month, vendor, connection, account_id, billing_entity_id, sum(amount) AS amount
    FROM priced
    WHERE place = 1
    GROUP BY month, vendor, connection, account_id, billing_entity_id
),
untaxed AS (
    SELECT
        line.invoice_id,
        coalesce(line.restates_month, line.month) AS taxed_month,
        line.tax_class,
        count(*) AS lines,
        sum(line.amount) AS amount
    FROM billing.draft_line AS line
    WHERE line.tax_category IS NULL
    GROUP BY line.invoice_id, coalesce(line.restates_month, line.month), line.tax_class
),
reversed AS (
    SELECT DISTINCT invoice_id FROM billing.draft_tax WHERE category = 'AE'
),
-- What vendors ask for their products is nobody's usage.
price_list AS (
    SELECT DISTINCT pull.vendor, pull.stream
    FROM staging.vendor_price AS price
    INNER JOIN ops.pull AS pull
        ON pull.pull_id = price.pull_id
)
SELECT
    CAST(date_trunc('month', problem.usage_date) AS DATE) AS month,
    NULL AS billing_entity_id, -- null: every one of them
    NULL AS billed_customer_id, -- null: everybody
    'close' AS stops, -- issue, and with it the close; or only the close
    problem.kind,
    problem.sentence,
    CAST(NULL AS DECIMAL(18,4)) AS amount,
    NULL AS currency
FROM ops.open_problem AS problem
LEFT JOIN price_list
    ON price_list.vendor = problem.vendor
    AND price_list.stream = problem.stream
-- A day that the vendor can no longer tell (refused) is a gap, for which its meter has a policy.
WHERE problem.kind IN ('pull failed', 'pull missing', 'reading twice')
    OR (problem.kind = 'rows quarantined' AND price_list.stream IS NULL)
UNION ALL
SELECT
    uncharged.month,
    uncharged.billing_entity_id,
    uncharged.billed_customer_id,
    'close' AS stops,
    'usage not charged' AS kind,
    concat_ws(
        ' ',
        CASE WHEN uncharged.sku IS NULL THEN NULL
            ELSE concat(
                'Usage of ', uncharged.sku, ' by ', coalesce(uncharged.customer_id, 'nobody'), ' (',
                concat_ws(' ', uncharged.vendor, uncharged.connection), ') is not charged.'
            )
        END,
        uncharged.why
    ) AS sentence,
    CAST(NULL AS DECIMAL(18,4)) AS amount,
    NULL AS currency
FROM billing.uncharged_usage AS uncharged
UNION ALL
SELECT
    account.month,
    list.billing_entity_id,
    NULL AS billed_customer_id,
    'close' AS stops,
    'account unmapped' AS kind,
    concat(
        account.vendor, ' account ', account.account_id,
        CASE WHEN account.name IS NULL THEN '' ELSE concat(' (', account.name, ')') END,
        ' has usage on ', CAST(account.days AS VARCHAR), CASE account.days WHEN 1 THEN ' day' ELSE ' days' END,
        ' that belongs to no customer',
        CASE WHEN at_list.amount IS NULL THEN ''
            ELSE concat(
                ', about ', billing.plain(billing.cents(at_list.amount, list.minor_unit)), ' ', list.currency,
                ' at the first price of rate card ', list.rate_card
            )
        END,
        ': add it to account_mapping, or exclude it there with a reason.'
    ) AS sentence,
    billing.cents(at_list.amount, list.minor_unit) AS amount,
    CASE WHEN at_list.amount IS NOT NULL THEN list.currency END AS currency
FROM billing.unmapped_account AS account
CROSS JOIN list
LEFT JOIN at_list
    ON at_list.month = account.month
    AND at_list.vendor = account.vendor
    AND at_list.connection = account.connection
    AND at_list.account_id = account.account_id
    AND at_list.billing_entity_id = list.billing_entity_id
UNION ALL
SELECT
    draft.month,
    draft.billing_entity_id,
    draft.billed_customer_id,
    'issue' AS stops,
    CASE WHEN draft.margin IS NULL THEN 'margin unknown' ELSE 'margin below floor' END AS kind,
    concat(
        'The invoice of ', draft.billed_customer_name, ' leaves ',
        CASE WHEN draft.margin IS NULL THEN 'a margin that is not known'
            ELSE concat(billing.plain(draft.margin), ' ', draft.currency, ' of ', billing.plain(draft.net))
        END,
        ', and less than ', billing.plain(draft.margin_floor), ' % is not to be issued: ',
        CASE WHEN draft.margin IS NULL THEN 'complete vendor_terms and the cost cards'
            ELSE 'look at its prices and costs'
        END,
        ', or change margin_floor in billing_entity.'
    ) AS sentence,
    draft.net AS amount,
    draft.currency
FROM billing.draft AS draft
WHERE draft.net >= 0
    AND draft.margin_floor IS NOT NULL
    -- In whole numbers of 10^-15: margin below floor percent of net.
    AND coalesce(
        billing.fine(draft.margin)
        < CAST(CAST(draft.net AS DECIMAL(18,4)) * CAST(10000 AS DECIMAL(19,0)) AS HUGEINT)
        * CAST(
            CAST(CAST(draft.margin_floor AS DECIMAL(7,4)) * CAST(10000 AS DECIMAL(19,0)) AS HUGEINT)
            * CAST(100000 AS HUGEINT) AS HUGEINT
        ),
        true
    )
UNION ALL
SELECT
    draft.month,
    draft.billing_entity_id,
    draft.billed_customer_id,
    'issue' AS stops,
    'no tax treatment' AS kind,
    concat(
        'The invoice of ', draft.billed_customer_name, ' has ', CAST(untaxed.lines AS VARCHAR),
        CASE untaxed.lines WHEN 1 THEN ' line' ELSE ' lines' END, ' of tax class ', untaxed.tax_class,
        ' that nothing says how to tax: ',
        CASE WHEN terms.tax_code IS NULL
            THEN concat('give the customer terms in ', strftime(untaxed.taxed_month, '%Y-%m'))
            ELSE concat('add tax code ', terms.tax_code, ' with this class, or with *, to tax_rate')
        END,
        '.'
    ) AS sentence,
    CAST(untaxed.amount AS DECIMAL(18,4)) AS amount,
    draft.currency
FROM untaxed
INNER JOIN billing.draft AS draft
    ON draft.invoice_id = untaxed.invoice_id
LEFT JOIN billing.customer_terms AS terms
    ON terms.month = untaxed.taxed_month
    AND terms.customer_id = draft.billed_customer_id
UNION ALL
SELECT
    draft.month,
    draft.billing_entity_id,
    draft.billed_customer_id,
    'issue' AS stops,
    'no tax id' AS kind,
    concat(
        'The invoice of ', draft.billed_customer_name,
        ' is taxed by reverse charge, which needs its VAT number: add tax_id to customer.'
    ) AS sentence,
    draft.total AS amount,
    draft.currency
FROM billing.draft AS draft
INNER JOIN reversed
    ON reversed.invoice_id = draft.invoice_id
WHERE draft.tax_id IS NULL
UNION ALL
SELECT
    restatement.restates_month AS month,
    restatement.billing_entity_id,
    restatement.billed_customer_id,
    'close' AS stops,
    'restatement open' AS kind,
    concat(
        'What ', restatement.customer_id, ' owes for ', coalesce(restatement.sku_name, 'all products'), ' of ',
        strftime(restatement.restates_month, '%Y-%m'), ' has changed by ', billing.plain(restatement.open_amount), ' ',
        restatement.currency, ' since it was billed, and no later month is open to take it: it is booked as ',
        'soon as one is landed, or waive it.'
    ) AS sentence,
    billing.cents(restatement.open_amount, currency.minor_unit) AS amount,
    restatement.currency
FROM billing.restatement AS restatement
INNER JOIN reference.currency AS currency
    ON currency.currency = restatement.currency
WHERE restatement.status = 'open';
