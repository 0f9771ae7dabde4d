-- The vendor charges the right quantity at another price than was agreed: by the cost card, or for an order by the
-- price list that the vendor itself tells on that day. What it charges in another currency than the cost card's is
-- compared at the exchange rate that is frozen for the month. Where usage of a SKU is nobody's, the tiers of the
-- vendor's price that it takes up are not known to be the others', and their price is not asked until it is mapped.
-- R-33: vendor's price not as agreed
-- stops: no
-- direction: each row
-- tolerance: amount 0, percent 0, count 0
-- guards: reconciliation.three_way
-- vendors: all
-- source: reconciliation.three_way, reconciliation.vendor_invoice_line, billing.cost_terms,
--     billing.price_in_force, billing.tier_in_force
WITH
tiers_unknown AS (
    SELECT DISTINCT nobody.month, nobody.vendor, nobody.connection, nobody.sku, nobody.dimension
    FROM reconciliation.three_way AS nobody
    INNER JOIN ops.build_month AS build
        ON build.month = nobody.month
    INNER JOIN billing.cost_terms AS terms
        ON terms.month = nobody.month
        AND terms.vendor = nobody.vendor
        AND terms.connection = nobody.connection
    INNER JOIN billing.price_in_force AS price
        ON price.month = nobody.month
        AND price.side = 'cost'
        AND price.rate_card = terms.rate_card
        AND price.sku = nobody.sku
        AND price.dimension = nobody.dimension
    INNER JOIN billing.tier_in_force AS tier
        ON tier.month = price.month
        AND tier.price_id = price.price_id
        AND tier.tier_no > 1
    WHERE nobody.party LIKE '-%'
        AND nobody.lines > 0
)
SELECT
    'R-33' AS code,
    match.month,
    match.billing_entity_id,
    match.billed_customer_id,
    match.vendor,
    match.connection,
    match.account_id,
    match.customer_id,
    match.sku,
    match.dimension AS subject,
    CASE WHEN match.amount_difference > 0 THEN 'cost' ELSE 'control' END AS direction,
    match.currency AS unit,
    billing.cents(match.expected_amount, currency.minor_unit) AS expected,
    billing.cents(match.invoiced_amount, currency.minor_unit) AS actual,
    match.currency,
    CAST(abs(match.amount_difference) AS DECIMAL(37,15)) AS amount,
    concat(
        match.vendor, ', ', coalesce(match.documents, 'its invoice'), ', charges ',
        billing.plain(billing.cents(match.invoiced_amount, currency.minor_unit)), ' ', match.currency, ' for ',
        billing.plain(match.invoiced_quantity), ' ', match.unit, ' of ', match.sku, ' in ', strftime(match.month, '%Y-%m'),
        coalesce(concat(' by ', match.customer_id), ''), '; by the cost card it is ',
        billing.plain(billing.cents(match.expected_amount, currency.minor_unit)),
        ': claim the difference, or add the new price to the cost card with its first day.'
    ) AS sentence
FROM reconciliation.three_way AS match
INNER JOIN ops.build_month AS build
    ON build.month = match.month
INNER JOIN reference.currency AS currency
    ON currency.currency = match.currency
WHERE match.cause = 'price'
    AND match.basis = 'usage'
    AND match.party <> '*'
    AND match.party NOT LIKE '-%'
    AND match.invoiced_quantity IS NOT NULL
    AND (match.month, match.vendor, match.connection, match.sku, match.dimension) NOT IN (
        SELECT (month, vendor, connection, sku, dimension) FROM tiers_unknown
    )
UNION ALL BY NAME
SELECT
    'R-33' AS code,
    line.month,
    line.vendor,
    line.connection,
    line.account_id,
    line.sku,
    concat('transaction ', line.transaction_id) AS subject,
    CASE WHEN line.line_amount > line.expected_line_amount THEN 'cost' ELSE 'control' END AS direction,
    line.currency AS unit,
    line.expected_line_amount AS expected,
    line.line_amount AS actual,
    line.currency,
    CAST(abs(line.line_amount - line.expected_line_amount) AS DECIMAL(37,15)) AS amount,
    concat(
        line.vendor, ' charged ', billing.plain(line.line_amount), ' ', line.currency, ' for order ', line.order_id, ' from ',
        CAST(line.service_period_start AS VARCHAR), ' to ', CAST(line.service_period_end AS VARCHAR),
        '; by its price list of that day it is ', billing.plain(line.expected_line_amount),
        ': claim the difference from the vendor.'
    ) AS sentence
FROM reconciliation.vendor_invoice_line AS line
INNER JOIN ops.build_month AS build
    ON build.month = line.month
WHERE line.basis = 'order'
    AND line.is_first
    AND line.line_amount <> line.expected_line_amount;
