-- What contracts charge whatever is used: in arrears for the month of the invoice, in advance for the one after
-- it, and for the first month on its own invoice.
WITH
served AS (
    SELECT month AS invoice_month, month, last_day FROM ops.build_month
    UNION ALL
    SELECT month AS invoice_month, last_day + 1 AS month, last_day(last_day + 1) AS last_day FROM ops.build_month
),
-- The latest row of a contract that holds in a month says whose it is.
contracted AS (
    SELECT *
    FROM (
        SELECT
            served.invoice_month,
            served.month,
            contract.contract_id,
            contract.customer_id,
            contract.name,
            row_number() OVER (
                PARTITION BY served.invoice_month, served.month, contract.contract_id
                ORDER BY contract.valid_from DESC
            ) AS place
        FROM served
        INNER JOIN reference.contract AS contract
            ON contract.valid_from <= served.last_day
            AND (contract.valid_to IS NULL OR contract.valid_to > served.month)
    ) AS dated
    WHERE place = 1
),
begun AS (
    SELECT
        item.contract_id,
        item.item_id,
        date_trunc('month', min(greatest(item.valid_from, contract.valid_from))) AS first_month
    FROM reference.contract_item AS item
    INNER JOIN reference.contract AS contract
        ON contract.contract_id = item.contract_id
        AND (contract.valid_to IS NULL OR contract.valid_to > item.valid_from)
        AND (item.valid_to IS NULL OR item.valid_to > contract.valid_from)
    GROUP BY ALL
),
span AS (
    SELECT
        served.invoice_month,
        served.month,
        served.last_day,
        item.contract_id,
        item.item_id,
        item.valid_from,
        item.sku,
        item.quantity,
        item.unit_price,
        item.billed,
        item.proration,
        min(greatest(item.valid_from, contract.valid_from, served.month)) AS first_day,
        max(least(
            coalesce(item.valid_to, served.last_day + 1),
            coalesce(contract.valid_to, served.last_day + 1),
            served.last_day + 1
        )) AS end_day
    FROM served
    INNER JOIN reference.contract_item AS item
        ON item.valid_from <= served.last_day
        AND (item.valid_to IS NULL OR item.valid_to > served.month)
    INNER JOIN reference.contract AS contract
        ON contract.contract_id = item.contract_id
        AND contract.valid_from <= served.last_day
        AND (contract.valid_to IS NULL OR contract.valid_to > served.month)
        AND (contract.valid_to IS NULL OR contract.valid_to > item.valid_from)
        AND (item.valid_to IS NULL OR item.valid_to > contract.valid_from)
    GROUP BY ALL
),
-- The last row of an item in a month says how shares are measured.
ruled AS (
    SELECT
        span.* EXCLUDE (proration),
        row_number() OVER (
            PARTITION BY span.invoice_month, span.month, span.contract_id, span.item_id
            ORDER BY span.first_day DESC
        ) AS place,
        first_value(span.proration) OVER (
            PARTITION BY span.invoice_month, span.month, span.contract_id, span.item_id
            ORDER BY span.first_day DESC
        ) AS proration
    FROM span
),
placed AS (
    SELECT
        ruled.* EXCLUDE (first_day, end_day),
        CASE ruled.proration WHEN 'none' THEN ruled.month ELSE ruled.first_day END AS first_day,
        CASE ruled.proration WHEN 'none' THEN ruled.last_day + 1 ELSE ruled.end_day END AS end_day,
        contracted.customer_id,
        contracted.name,
        terms.customer_name,
        terms.billed_customer_id,
        terms.billing_entity_id,
        terms.currency,
        terms.time_zone
    FROM ruled
    INNER JOIN begun
        ON begun.contract_id = ruled.contract_id
        AND begun.item_id = ruled.item_id
    INNER JOIN contracted
        ON contracted.invoice_month = ruled.invoice_month
        AND contracted.month = ruled.month
        AND contracted.contract_id = ruled.contract_id
    INNER JOIN billing.customer_terms AS terms
        ON terms.month = ruled.invoice_month
        AND terms.customer_id = contracted.customer_id
    WHERE (ruled.proration <> 'none' OR ruled.place = 1)
        AND CASE
            WHEN ruled.billed = 'arrears' OR ruled.month = begun.first_month THEN ruled.month = ruled.invoice_month
            ELSE ruled.month > ruled.invoice_month
        END
),
timed AS (
    SELECT
        placed.month,
        placed.invoice_month,
        placed.contract_id,
        placed.item_id,
        placed.valid_from,
        CAST(sum(CASE
            WHEN calendar.usage_date >= placed.first_day AND calendar.usage_date < placed.end_day
                THEN calendar.seconds
        END) AS BIGINT) // 60 AS minutes,
        CAST(sum(calendar.seconds) AS BIGINT) // 60 AS minutes_of_month
    FROM placed
    INNER JOIN ops.calendar AS calendar
        ON calendar.month = placed.month
        AND calendar.time_zone = placed.time_zone
    WHERE placed.proration = 'exact'
    GROUP BY ALL
),
weighted AS (
    SELECT
        placed.*,
        billing.month_part(
            placed.proration, placed.month, placed.last_day, placed.first_day, placed.end_day, timed.minutes
        ) AS weight_part,
        billing.month_whole(placed.proration, placed.month, placed.last_day, timed.minutes_of_month) AS weight_whole
    FROM placed
    LEFT JOIN timed
        ON timed.invoice_month = placed.invoice_month
        AND timed.month = placed.month
        AND timed.contract_id = placed.contract_id
        AND timed.item_id = placed.item_id
        AND timed.valid_from = placed.valid_from
)
SELECT
    md5(concat_ws(
        '|',
        'contract',
        CAST(weighted.invoice_month AS VARCHAR),
        weighted.billed_customer_id,
        weighted.contract_id,
        weighted.item_id,
        CAST(weighted.first_day AS VARCHAR)
    )) AS charge_line_id,
    weighted.invoice_month AS month,
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
        weighted.name,
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
