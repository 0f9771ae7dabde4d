-- What contracts charge whatever is used: in arrears for the month of the invoice, in advance for the one after
-- it, and for the first month on its own invoice.
WITH
span AS (
    SELECT span.*
    FROM billing.contract_span AS span
    INNER JOIN ops.build_month AS build
        ON build.month = span.month
),
timed AS (
    SELECT
        span.month,
        span.service_month,
        span.contract_id,
        span.item_id,
        span.valid_from,
        CAST(sum(CASE
            WHEN calendar.usage_date >= span.first_day AND calendar.usage_date < span.end_day
                THEN calendar.seconds
        END) AS BIGINT) // 60 AS minutes,
        CAST(sum(calendar.seconds) AS BIGINT) // 60 AS minutes_of_month
    FROM span
    INNER JOIN ops.calendar AS calendar
        ON calendar.month = span.service_month
        AND calendar.time_zone = span.time_zone
    WHERE span.proration = 'exact'
    GROUP BY ALL
),
weighted AS (
    SELECT
        span.*,
        billing.month_part(
            span.proration, span.service_month, span.last_day, span.first_day, span.end_day, timed.minutes
        ) AS weight_part,
        billing.month_whole(span.proration, span.service_month, span.last_day, timed.minutes_of_month) AS weight_whole
    FROM span
    LEFT JOIN timed
        ON timed.month = span.month
        AND timed.service_month = span.service_month
        AND timed.contract_id = span.contract_id
        AND timed.item_id = span.item_id
        AND timed.valid_from = span.valid_from
)
SELECT
    md5(concat_ws(
        '|',
        'contract',
        CAST(weighted.month AS VARCHAR),
        weighted.billed_customer_id,
        weighted.contract_id,
        weighted.item_id,
        CAST(weighted.first_day AS VARCHAR)
    )) AS charge_line_id,
    weighted.month AS month,
    weighted.billing_entity_id,
    weighted.billed_customer_id,
    weighted.customer_id,
    weighted.currency,
    'contract' AS kind,
    weighted.sku,
    '' AS dimension,
    0 AS tier_no,
    weighted.first_day AS service_period_start,
    weighted.end_day AS service_period_end,
    concat(
        weighted.contract_name,
        ', ',
        sku.name,
        CASE WHEN weighted.customer_id = weighted.billed_customer_id THEN ''
            ELSE concat(', ', weighted.customer_name)
        END,
        CASE weighted.billed WHEN 'advance' THEN ', in advance' ELSE '' END
    ) AS description,
    concat(
        'contract: ',
        billing.plain(weighted.quantity),
        ' ',
        sku.unit,
        ' at ',
        billing.plain(weighted.unit_price),
        ' ',
        weighted.currency,
        ' a month',
        billing.part_in_words(weighted.proration, weighted.weight_part, weighted.weight_whole)
    ) AS rule,
    weighted.quantity,
    sku.unit,
    weighted.unit_price,
    weighted.currency AS price_currency,
    billing.shared(
        CAST(weighted.quantity AS DECIMAL(20,6)) * CAST(weighted.unit_price AS DECIMAL(17,9)),
        weighted.weight_part,
        weighted.weight_whole
    ) AS exact_amount,
    weighted.contract_id,
    sku.tax_class
FROM weighted
INNER JOIN reference.sku AS sku
    ON sku.sku = weighted.sku
WHERE weighted.weight_part > 0;
