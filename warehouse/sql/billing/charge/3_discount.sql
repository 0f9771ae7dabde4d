-- What discounts take off the charges above, each of the same charges, SKU by SKU.
WITH
held AS (
    SELECT build.month, build.last_day, discount.*
    FROM reference.discount AS discount
    INNER JOIN ops.build_month AS build
        ON discount.valid_from <= build.last_day
        AND (discount.valid_to IS NULL OR discount.valid_to > build.last_day)
),
summed AS (
    SELECT
        held.month,
        held.last_day,
        held.discount_id,
        held.percent,
        held.reason,
        charge.billing_entity_id,
        charge.billed_customer_id,
        charge.currency,
        charge.sku,
        charge.tax_class,
        CAST(sum(charge.exact_amount) AS DECIMAL(37,15)) AS amount
    FROM held
    INNER JOIN billing.charge AS charge
        ON charge.month = held.month
        AND charge.billed_customer_id = held.customer_id
        AND (held.sku = '*' OR held.sku = charge.sku)
    GROUP BY ALL
)
SELECT
    md5(concat_ws(
        '|', 'discount', CAST(summed.month AS VARCHAR), summed.billed_customer_id, summed.discount_id, summed.sku
    )) AS charge_line_id,
    summed.month,
    summed.billing_entity_id,
    summed.billed_customer_id,
    summed.billed_customer_id AS customer_id,
    summed.currency,
    'discount' AS kind,
    summed.sku,
    '' AS dimension,
    0 AS tier_no,
    summed.month AS service_period_start,
    summed.last_day + 1 AS service_period_end,
    concat(summed.reason, ', ', billing.plain(summed.percent), ' % off ', sku.name) AS description,
    concat(
        'discount ',
        summed.discount_id,
        ': ',
        billing.plain(summed.percent),
        ' % of ',
        billing.plain(summed.amount),
        ' ',
        summed.currency
    ) AS rule,
    CAST(1 AS DECIMAL(20,6)) AS quantity,
    'month' AS unit,
    summed.currency AS price_currency,
    -billing.percent(summed.amount, summed.percent) AS exact_amount,
    summed.tax_class
FROM summed
INNER JOIN reference.sku AS sku
    ON sku.sku = summed.sku
WHERE summed.amount <> 0;
