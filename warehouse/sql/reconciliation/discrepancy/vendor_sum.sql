-- A vendor's own sum that is not what its readings add up to, on the latest day on which they differ: of all that is
-- below us (R-08), of one account, one resource, or the balance of our account with it (R-52). What the sum has more
-- is usage that no reading tells; what it has less we may bill too much. The difference over the month, at the list
-- price of the first product that the meter is sold as. Only of meters that are sold. Also R-52: at Xopero, more bytes
-- assigned to a customer's accounts than its licence has, on the month's last day so far.
-- R-08: sum over the hierarchy differs
-- R-52: vendor's own sums differ
-- stops: no
-- direction: each row
-- tolerance: amount 1, percent 0, count 0
-- guards: staging.vendor_total
-- vendors: all but revirt365
-- not_for: revirt365, whose contract finds no sums; of infrascale licences, which companies count with cancelled accounts, and devices, which companies tell by other kinds; of xopero what its answers sum, which are refused where they contradict themselves
-- source: reconciliation.vendor_sum, reconciliation.doubt_at_list, staging.vendor_total, staging.vendor_transaction, staging.usage_snapshot,
--     ops.current_pull
WITH
differing AS (
    SELECT
        sum.*,
        CASE sum.scope WHEN 'below' THEN 'R-08' ELSE 'R-52' END AS code,
        concat_ws(' ', sum.stream, sum.scope, sum.resource_id) AS subject,
        count(*) OVER each AS days,
        row_number() OVER (each ORDER BY sum.usage_date DESC) AS place
    FROM reconciliation.vendor_sum AS sum
    INNER JOIN ops.build_month AS build
        ON build.month = sum.month
    WINDOW each AS (
        PARTITION BY
            sum.month, sum.vendor, sum.connection, sum.scope, sum.account_id, sum.resource_id, sum.meter, sum.stream
    )
),
at_list AS (
    SELECT
        month,
        code,
        vendor,
        connection,
        account_id,
        subject,
        meter,
        max(nullif(customer_id, '')) AS customer_id,
        max(billing_entity_id) AS billing_entity_id,
        max(billed_customer_id) AS billed_customer_id,
        max(currency) AS currency,
        sum(amount) AS amount
    FROM reconciliation.doubt_at_list
    WHERE code IN ('R-08', 'R-52')
    GROUP BY month, code, vendor, connection, account_id, subject, meter
),
balance AS (
    SELECT
        build.month,
        told.*,
        lag(told.usage_date) OVER each AS day_before,
        lag(told.quantity) OVER each AS quantity_before
    FROM staging.vendor_total AS told
    INNER JOIN ops.build_month AS build
        ON told.usage_date >= build.month - 1
        AND told.usage_date <= build.last_day
    WHERE told.meter = 'balance'
    WINDOW each AS (PARTITION BY build.month, told.vendor, told.connection, told.account_id ORDER BY told.usage_date)
),
moved AS (
    SELECT vendor, connection, usage_date, currency, sum(amount) AS amount
    FROM staging.vendor_transaction
    GROUP BY vendor, connection, usage_date, currency
),
-- Over a month, for what happens between the end of a day and the reading of its balance stands on two days.
unexplained AS (
    SELECT
        balance.month,
        balance.vendor,
        balance.connection,
        balance.account_id,
        balance.unit AS currency,
        max(balance.usage_date) AS last_day,
        sum(balance.quantity - balance.quantity_before) AS change,
        sum(coalesce(moved.amount, 0)) AS explained
    FROM balance
    INNER JOIN ops.current_pull AS pull
        ON pull.vendor = balance.vendor
        AND pull.connection = balance.connection
        AND pull.stream = 'transactions'
        AND pull.usage_date = balance.usage_date
    LEFT JOIN moved
        ON moved.vendor = balance.vendor
        AND moved.connection = balance.connection
        AND moved.usage_date = balance.usage_date
        AND moved.currency = balance.unit
    WHERE balance.day_before = balance.usage_date - 1
    GROUP BY balance.month, balance.vendor, balance.connection, balance.account_id, balance.unit
)
SELECT
    differing.code,
    differing.month,
    at_list.billing_entity_id,
    at_list.billed_customer_id,
    differing.vendor,
    differing.connection,
    differing.account_id,
    at_list.customer_id,
    concat_ws(' ', differing.subject, differing.meter) AS subject,
    CASE WHEN differing.told > differing.summed THEN 'leak' ELSE 'over_bill' END AS direction,
    differing.unit,
    differing.told AS expected,
    differing.summed AS actual,
    at_list.currency,
    at_list.amount,
    concat(
        differing.vendor, '/', differing.stream, ' sums ', billing.plain(differing.told), ' ', differing.unit, ' of ',
        differing.meter, CASE differing.scope WHEN 'below' THEN ' below ' ELSE ' for ' END,
        CASE WHEN differing.resource_id IS NULL THEN '' ELSE concat(differing.resource_id, ' of ') END, 'account ', differing.account_id, ' on ',
        CAST(differing.usage_date AS VARCHAR), ', and its readings come to ', billing.plain(differing.summed),
        ' (so on ', CAST(differing.days AS VARCHAR), CASE differing.days WHEN 1 THEN ' day): ' ELSE ' days): ' END,
        CASE
            WHEN differing.told > differing.summed
                THEN 'see that the credentials are shown every account, and ask the vendor what is missing.'
            ELSE 'ask the vendor which figure is right before it is billed.'
        END
    ) AS sentence
FROM differing
LEFT JOIN at_list
    ON at_list.month = differing.month
    AND at_list.code = differing.code
    AND at_list.vendor = differing.vendor
    AND at_list.connection = differing.connection
    AND at_list.account_id = differing.account_id
    AND at_list.subject = differing.subject
    AND at_list.meter = differing.meter
WHERE differing.place = 1
UNION ALL
SELECT
    'R-52' AS code,
    month,
    NULL AS billing_entity_id,
    NULL AS billed_customer_id,
    vendor,
    connection,
    account_id,
    NULL AS customer_id,
    'balance' AS subject,
    CASE WHEN change < explained THEN 'cost' ELSE 'control' END AS direction,
    currency AS unit,
    explained AS expected,
    change AS actual,
    currency,
    CAST(abs(change - explained) AS DECIMAL(37,15)) AS amount,
    concat(
        'Our balance with ', vendor, ' (account ', account_id, ') changed by ', billing.plain(change), ' ', currency,
        ' in ', strftime(month, '%Y-%m'), ' up to ', CAST(last_day AS VARCHAR), ', and its transactions come to ',
        billing.plain(explained), ': ask the vendor for the missing one.'
    ) AS sentence
FROM unexplained
WHERE change <> explained
UNION ALL
SELECT
    'R-52' AS code,
    build.month,
    NULL AS billing_entity_id,
    NULL AS billed_customer_id,
    told.vendor,
    told.connection,
    told.account_id,
    NULL AS customer_id,
    'assigned beyond capacity' AS subject,
    'control' AS direction,
    told.unit,
    licence.quantity AS expected,
    told.quantity AS actual,
    NULL AS currency,
    NULL AS amount,
    concat(
        told.vendor, ' account ', told.account_id, ' has ', billing.plain(told.quantity),
        ' bytes assigned to its accounts on ', CAST(told.usage_date AS VARCHAR), ', and its licence has ',
        billing.plain(licence.quantity), ': ask the vendor what it will charge for.'
    ) AS sentence
FROM staging.vendor_total AS told
INNER JOIN ops.build_month AS build
    ON build.metered_until = told.usage_date
INNER JOIN staging.usage_snapshot AS licence
    ON licence.vendor = told.vendor
    AND licence.connection = told.connection
    AND licence.account_id = told.account_id
    AND licence.usage_date = told.usage_date
    AND licence.meter = 'capacity_bytes'
WHERE told.meter = 'assigned_bytes'
    AND told.quantity > licence.quantity;
