-- Credit notes that give back more of a line than was billed, that name no invoice which stands, or that give a
-- customer back for one and the same reason more than three times in twelve months. Voided ones do not count.
-- R-45: credit notes
-- stops: no
-- direction: each row
-- tolerance: amount 0, percent 0, count 0
-- guards: billing.document
-- vendors: all
-- source: billing.document, billing.document_line, billing.voided_document
WITH
standing AS (
    SELECT document.*
    FROM billing.document AS document
    LEFT JOIN billing.voided_document AS voided
        ON voided.document_id = document.document_id
    WHERE voided.document_id IS NULL
),
note AS (
    SELECT * FROM standing WHERE kind = 'credit_note'
),
billed AS (
    SELECT invoice.number, line.charge_line_id, sum(line.amount) AS amount
    FROM standing AS invoice
    INNER JOIN billing.document_line AS line
        ON line.document_id = invoice.document_id
    WHERE invoice.kind = 'invoice'
        AND invoice.number IN (SELECT reference_number FROM note)
    GROUP BY invoice.number, line.charge_line_id
),
credited AS (
    SELECT
        note.reference_number,
        line.charge_line_id,
        min(note.month) AS month,
        min(note.billing_entity_id) AS billing_entity_id,
        min(note.billed_customer_id) AS billed_customer_id,
        min(note.currency) AS currency,
        min(line.customer_id) AS customer_id,
        min(line.sku) AS sku,
        string_agg(DISTINCT note.number, ', ' ORDER BY note.number) AS notes,
        min(line.rule) AS rule,
        -sum(line.amount) AS amount
    FROM note
    INNER JOIN billing.document_line AS line
        ON line.document_id = note.document_id
    GROUP BY note.reference_number, line.charge_line_id
),
too_much AS (
    SELECT credited.*, coalesce(billed.amount, 0) AS billed_amount
    FROM credited
    INNER JOIN standing AS invoice
        ON invoice.number = credited.reference_number
        AND invoice.kind = 'invoice'
    LEFT JOIN billed
        ON billed.number = credited.reference_number
        AND billed.charge_line_id = credited.charge_line_id
    -- Of a line below zero less than zero is given back.
    WHERE credited.amount > greatest(coalesce(billed.amount, 0), 0)
        OR credited.amount < least(coalesce(billed.amount, 0), 0)
),
repeated AS (
    SELECT
        *,
        count(*) OVER (
            PARTITION BY billed_customer_id, currency, lower(trim(reason))
            ORDER BY date_diff('day', DATE '2000-01-01', issue_date)
            RANGE BETWEEN 365 PRECEDING AND CURRENT ROW
        ) AS times,
        row_number() OVER (PARTITION BY billed_customer_id, currency, lower(trim(reason)) ORDER BY seq DESC) AS place
    FROM note
)
SELECT
    'R-45' AS code,
    too_much.month,
    too_much.billing_entity_id,
    too_much.billed_customer_id,
    too_much.customer_id,
    nullif(too_much.sku, '') AS sku,
    concat(too_much.reference_number, ' ', too_much.charge_line_id) AS subject,
    CASE WHEN too_much.amount > too_much.billed_amount THEN 'leak' ELSE 'over_bill' END AS direction,
    too_much.currency AS unit,
    too_much.billed_amount AS expected,
    too_much.amount AS actual,
    too_much.currency,
    abs(too_much.amount - too_much.billed_amount) AS amount,
    concat(
        too_much.notes, ' give back ', billing.plain(too_much.amount), ' ', too_much.currency, ' of a line of ',
        too_much.reference_number, ' that billed ', billing.plain(too_much.billed_amount),
        ': void a note, and credit what is right.'
    ) AS sentence
FROM too_much
INNER JOIN ops.build_month AS build
    ON build.month = too_much.month
UNION ALL BY NAME
SELECT
    'R-45' AS code,
    note.month,
    note.billing_entity_id,
    note.billed_customer_id,
    concat(note.number, ': reference') AS subject,
    'leak' AS direction,
    note.currency,
    abs(note.net) AS amount,
    concat(
        'Credit note ', note.number, ' gives back ', billing.plain(abs(note.net)), ' ', note.currency, ' of ',
        coalesce(note.reference_number, 'no invoice'),
        CASE WHEN note.reference_number IS NULL THEN '' ELSE ', which is no invoice that stands' END,
        ': void it, or find the invoice.'
    ) AS sentence
FROM note
INNER JOIN ops.build_month AS build
    ON build.month = note.month
LEFT JOIN standing AS invoice
    ON invoice.number = note.reference_number
    AND invoice.kind = 'invoice'
WHERE invoice.number IS NULL
UNION ALL BY NAME
SELECT
    'R-45' AS code,
    repeated.month,
    repeated.billing_entity_id,
    repeated.billed_customer_id,
    concat('reason: ', lower(trim(repeated.reason))) AS subject,
    'control' AS direction,
    'credit notes' AS unit,
    3 AS expected,
    repeated.times AS actual,
    repeated.currency,
    abs(repeated.net) AS amount,
    concat(
        repeated.billed_customer_id, ' got ', CAST(repeated.times AS VARCHAR), ' credit notes within a year because: ',
        repeated.reason, '. Mend the cause; the last is ', repeated.number, '.'
    ) AS sentence
FROM repeated
INNER JOIN ops.build_month AS build
    ON build.month = repeated.month
WHERE repeated.place = 1
    AND repeated.times > 3;
