-- Contract items whose days are not all billed, and lines for a part of a month that do not charge that part.
-- What each item should be charged for is billing.contract_span, as the contracts say now; only invoices of months
-- that are built are asked. A part is judged by the rule that the line prints: days of the days of the month, or of
-- 30; hours are taken as they stand. An earlier month that was corrected since is not asked again.
-- R-22: service period gap
-- R-37: part of a month charged otherwise
-- stops: no
-- direction: each row
-- tolerance: amount 0, percent 0, count 0
-- guards: billing.invoice
-- vendors: all
-- source: billing.contract_span, reference.sku, reconciliation.live_line, reconciliation.restated
WITH
-- Under `thirty` the 31st alone is charged nothing.
due AS (
    SELECT *
    FROM billing.contract_span
    WHERE quantity <> 0
        AND unit_price <> 0
        AND (proration <> 'thirty' OR date_diff('day', service_month, first_day) < 30)
),
line AS (
    SELECT
        line.*,
        -- How much of which whole the rule says that it charges; nothing where it is the whole month.
        regexp_extract(line.rule, '; (\d+) of (\d+) (days|hours|minutes)', 1) AS part_text,
        regexp_extract(line.rule, '; (\d+) of (\d+) (days|hours|minutes)', 2) AS whole_text,
        regexp_extract(line.rule, '; (\d+) of (\d+) (days|hours|minutes)', 3) AS measure,
        CAST(date_trunc('month', line.service_period_start) AS DATE) AS service_month
    FROM reconciliation.live_line AS line
    WHERE line.charge_class = ''
        AND line.kind IN ('usage', 'contract')
        AND line.service_period_end > (SELECT min(month) FROM ops.build_month)
),
-- A line does not say of which item it is: day by day there are to be as many lines as items.
due_day AS (
    SELECT
        due.*,
        calendar.usage_date,
        count(*) OVER (PARTITION BY due.contract_id, due.sku, calendar.usage_date) AS items,
        row_number() OVER (
            PARTITION BY due.contract_id, due.sku, calendar.usage_date, due.quantity, due.unit_price
            ORDER BY due.month, due.item_id
        ) AS place_alike
    FROM due
    INNER JOIN ops.calendar AS calendar
        ON calendar.month = due.service_month
        AND calendar.time_zone = 'UTC'
        AND calendar.usage_date >= due.first_day
        AND calendar.usage_date < due.end_day
),
billed_day AS (
    SELECT line.contract_id, line.sku, calendar.usage_date, line.quantity, line.unit_price, count(*) AS lines
    FROM line
    INNER JOIN ops.calendar AS calendar
        ON calendar.time_zone = 'UTC'
        AND calendar.usage_date >= line.service_period_start
        AND calendar.usage_date < line.service_period_end
    WHERE line.kind = 'contract'
    GROUP BY ALL
),
billed_in_all AS (
    SELECT contract_id, sku, usage_date, sum(lines) AS lines
    FROM billed_day
    GROUP BY contract_id, sku, usage_date
),
-- Where lines are missing, items without a line of their quantity and price are the first to have none.
ordered AS (
    SELECT
        due_day.*,
        due_day.items - coalesce(billed_in_all.lines, 0) AS missing,
        row_number() OVER (
            PARTITION BY due_day.contract_id, due_day.sku, due_day.usage_date
            ORDER BY due_day.place_alike <= coalesce(alike.lines, 0), due_day.month DESC, due_day.item_id DESC
        ) AS place
    FROM due_day
    LEFT JOIN billed_in_all
        ON billed_in_all.contract_id = due_day.contract_id
        AND billed_in_all.sku = due_day.sku
        AND billed_in_all.usage_date = due_day.usage_date
    LEFT JOIN billed_day AS alike
        ON alike.contract_id = due_day.contract_id
        AND alike.sku = due_day.sku
        AND alike.usage_date = due_day.usage_date
        AND alike.quantity = due_day.quantity
        AND alike.unit_price = due_day.unit_price
),
missing AS (
    SELECT
        ordered.*,
        ordered.usage_date - CAST(row_number() OVER (
            PARTITION BY ordered.month, ordered.service_month, ordered.contract_id, ordered.item_id, ordered.first_day
            ORDER BY ordered.usage_date
        ) AS INTEGER) AS stretch -- the same for days that follow each other
    FROM ordered
    INNER JOIN ops.build_month AS build
        ON build.month = ordered.month
    WHERE ordered.place <= ordered.missing
        AND (ordered.month, ordered.billed_customer_id, ordered.sku) NOT IN (
            SELECT (month, billed_customer_id, sku) FROM reconciliation.restated
        )
),
gap AS (
    SELECT
        * EXCLUDE (usage_date, items, place_alike, missing, place),
        min(usage_date) AS gap_from,
        max(usage_date) + 1 AS gap_until
    FROM missing
    GROUP BY ALL
),
gap_part AS (
    SELECT
        *,
        billing.fine(CAST(quantity AS DECIMAL(20,6)) * CAST(unit_price AS DECIMAL(17,9))) AS fine_month,
        billing.month_part(
            CASE proration WHEN 'thirty' THEN 'thirty' ELSE 'actual' END, service_month, last_day, gap_from, gap_until, NULL
        ) AS part,
        billing.month_whole(CASE proration WHEN 'thirty' THEN 'thirty' ELSE 'actual' END, service_month, last_day, NULL)
            AS whole
    FROM gap
),
parted AS (
    SELECT
        line.*,
        last_day(service_month) AS last_day,
        -- What the rule printed gives for these days.
        CASE WHEN measure IN ('hours', 'minutes') THEN CAST(part_text AS INTEGER)
            ELSE billing.month_part(
                CASE whole_text WHEN '30' THEN 'thirty' ELSE 'actual' END, service_month, last_day(service_month),
                service_period_start, service_period_end, NULL
            )
        END AS part,
        CASE WHEN whole_text <> '' THEN CAST(whole_text AS INTEGER)
            ELSE billing.month_whole('actual', service_month, last_day(service_month), NULL)
        END AS whole,
        CASE WHEN part_text <> '' THEN CAST(part_text AS INTEGER) END AS charged_part,
        billing.fine(CAST(quantity AS DECIMAL(20,6)) * CAST(unit_price AS DECIMAL(17,9))) AS fine_month,
        CASE WHEN fx_rate IS NOT NULL THEN CAST(billing.nano(fx_rate) AS HUGEINT) END AS nano_rate
    FROM line
    INNER JOIN ops.build_month AS build
        ON build.month = line.month
    WHERE line.unit_price IS NOT NULL
        AND (
            line.service_period_start > service_month
            OR line.service_period_end <= last_day(service_month)
            OR whole_text <> ''
        )
        -- The whole of 30 days of 31 has no part to print.
        AND NOT (
            whole_text = ''
            AND line.service_period_start = service_month
            AND date_diff('day', line.service_period_start, line.service_period_end) >= 30
        )
),
due_part AS (
    SELECT
        *,
        billing.share(fine_month, part, whole) AS fine_due
    FROM parted
    WHERE charged_part IS DISTINCT FROM part
),
converted AS (
    SELECT
        *,
        billing.exact(
            CASE WHEN nano_rate IS NULL THEN fine_due ELSE billing.share(fine_due, nano_rate, 1000000000) END
        ) AS due_amount
    FROM due_part
)
SELECT
    'R-22' AS code,
    gap.month,
    gap.billing_entity_id,
    gap.billed_customer_id,
    gap.customer_id,
    gap.sku,
    concat_ws(' ', gap.contract_id, gap.item_id, 'from', CAST(gap.gap_from AS VARCHAR)) AS subject,
    'leak' AS direction,
    'days' AS unit,
    date_diff('day', gap.first_day, gap.end_day) AS expected,
    date_diff('day', gap.first_day, gap.end_day) - date_diff('day', gap.gap_from, gap.gap_until) AS actual,
    gap.currency,
    billing.exact(billing.share(gap.fine_month, gap.part, gap.whole)) AS amount,
    concat(
        sku.name, ' by contract ', gap.contract_id, ' with ', gap.customer_id, ' is on no invoice from ',
        CAST(gap.gap_from AS VARCHAR), ' to ', CAST(gap.gap_until - 1 AS VARCHAR),
        ', and the contract holds: build ', strftime(gap.month, '%Y-%m'), ' again, or end the item by valid_to.'
    ) AS sentence
FROM gap_part AS gap
INNER JOIN reference.sku AS sku
    ON sku.sku = gap.sku
UNION ALL BY NAME
SELECT
    'R-37' AS code,
    month,
    billing_entity_id,
    billed_customer_id,
    customer_id,
    sku,
    concat_ws(' ', kind, dimension, CAST(tier_no AS VARCHAR), contract_id, 'from', CAST(service_period_start AS VARCHAR))
        AS subject,
    CASE WHEN exact_amount < due_amount THEN 'leak' ELSE 'over_bill' END AS direction,
    'days' AS unit,
    part AS expected,
    coalesce(charged_part, whole) AS actual,
    currency,
    abs(exact_amount - due_amount) AS amount,
    concat(
        customer_id, ' is billed ', CAST(coalesce(charged_part, whole) AS VARCHAR), ' of ', CAST(whole AS VARCHAR),
        ' days of ', sku, ' for ', CAST(service_period_start AS VARCHAR), ' to ', CAST(service_period_end - 1 AS VARCHAR),
        ' on ', document, ', which are ', CAST(part AS VARCHAR), ': ', billing.plain(abs(exact_amount - due_amount)), ' ',
        currency, CASE WHEN exact_amount < due_amount THEN ' too little' ELSE ' too much' END,
        '. Build the month again, or correct it when it is issued.'
    ) AS sentence
FROM converted;
