-- The vendor charges the right quantity at another price than was agreed: by the cost card, or for an order by the
-- price list that the vendor itself tells on that day. What it charges in another currency than the cost card's is
-- compared at the exchange rate that is frozen for the month.
-- R-33: vendor's price not as agreed
-- stops: no
-- direction: each row
-- tolerance: amount 0, percent 0, count 0
-- guards: reconciliation.three_way
-- vendors: all
-- source: reconciliation.three_way, reconciliation.vendor_invoice_line
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
