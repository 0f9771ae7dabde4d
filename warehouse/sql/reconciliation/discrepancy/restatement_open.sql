-- What a customer owes for a billed month has changed, and no later month is open to take the difference.
-- R-24: restatement open
-- stops: close
-- direction: each row
-- tolerance: amount 0, percent 0, count 0
-- guards: billing.restatement
-- vendors: all
-- source: billing.restatement, reference.currency
SELECT
    'R-24' AS code,
    restatement.restates_month AS month,
    restatement.billing_entity_id,
    restatement.billed_customer_id,
    restatement.customer_id,
    restatement.sku,
    concat_ws(' ', restatement.dimension, restatement.tax_class) AS subject,
    CASE WHEN restatement.open_amount > 0 THEN 'leak' ELSE 'over_bill' END AS direction,
    restatement.unit,
    restatement.rated_quantity AS expected,
    coalesce(restatement.billed_quantity, 0) + coalesce(restatement.corrected_quantity, 0) AS actual,
    restatement.currency,
    abs(restatement.open_amount) AS amount,
    concat(
        'What ', restatement.customer_id, ' owes for ', coalesce(restatement.sku_name, 'all products'), ' of ',
        strftime(restatement.restates_month, '%Y-%m'), ' has changed by ', billing.plain(restatement.open_amount), ' ',
        restatement.currency, ' since it was billed, and no later month is open to take it: it is booked as ',
        'soon as one is landed, or waive it.'
    ) AS sentence
FROM billing.restatement AS restatement
INNER JOIN ops.build_month AS build
    ON build.month = restatement.restates_month
WHERE restatement.status = 'open';
