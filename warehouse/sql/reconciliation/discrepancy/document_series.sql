-- Control of what was issued: numbers that are missing from a series, given twice or out of the order of their
-- days; invoices that were issued for a closed month, drafts in one, and months that were opened again without the
-- word of a second person. A series is what stands before the last hyphen of a
-- number, and begins at 1. Credit notes draw from the series of invoices, and may be given for a closed month.
-- R-40: numbering
-- R-43: period integrity
-- stops: close
-- direction: control
-- tolerance: amount 0, percent 0, count 0
-- guards: billing.document
-- vendors: all
-- source: billing.document, billing.register_entry, billing.period, billing.draft
WITH
numbered AS (
    SELECT
        *,
        regexp_extract(number, '^(.*)-(\d+)$', 1) AS series,
        CAST(nullif(regexp_extract(number, '^(.*)-(\d+)$', 2), '') AS BIGINT) AS place
    FROM billing.document
),
ordered AS (
    SELECT
        *,
        lag(place) OVER earlier AS place_before,
        lag(number) OVER earlier AS number_before,
        lag(issue_date) OVER earlier AS date_before
    FROM numbered
    WINDOW earlier AS (PARTITION BY billing_entity_id, series ORDER BY place, seq)
),
numbering AS (
    SELECT
        *,
        CASE
            WHEN place = place_before THEN 'given twice'
            WHEN place > coalesce(place_before, 0) + 1 THEN 'gap'
            ELSE 'order'
        END AS what
    FROM ordered
    WHERE place = place_before
        OR place > coalesce(place_before, 0) + 1
        OR issue_date < date_before
),
-- What had been decided last about the month when the document was issued.
decided AS (
    SELECT
        document.document_id,
        entry.kind,
        entry.by_person,
        row_number() OVER (PARTITION BY document.document_id ORDER BY entry.seq DESC) AS place
    FROM billing.document AS document
    INNER JOIN billing.register_entry AS entry
        ON entry.month = document.month
        AND entry.billing_entity_id = document.billing_entity_id
        AND entry.kind IN ('close', 'reopen')
        AND entry.seq < document.seq
    WHERE document.kind = 'invoice'
),
reopened AS (
    SELECT
        *,
        json_extract_string(body, '$.approved_by') AS approved_by
    FROM billing.register_entry
    WHERE kind = 'reopen'
)
SELECT
    'R-40' AS code,
    numbering.month,
    numbering.billing_entity_id,
    numbering.billed_customer_id,
    concat(numbering.number, ': ', numbering.what) AS subject,
    numbering.currency,
    CASE numbering.what WHEN 'given twice' THEN abs(numbering.total) END AS amount,
    CASE numbering.what
        WHEN 'given twice' THEN concat(
            'Number ', numbering.number, ' was given twice, the second time for ', billing.plain(numbering.total), ' ',
            numbering.currency, ' to ', numbering.billed_customer_name, ': void one of them and issue it again.'
        )
        WHEN 'gap' THEN concat(
            'The number before ', numbering.number, ' is ', coalesce(numbering.number_before, 'none'),
            ': find the documents between them in a backup of the register, by `backup-billing verify`.'
        )
        ELSE concat(
            numbering.number, ' is dated ', CAST(numbering.issue_date AS VARCHAR), ', before ', numbering.number_before, ' of ',
            CAST(numbering.date_before AS VARCHAR), ': find out whose clock was wrong, and tell the auditor.'
        )
    END AS sentence
FROM numbering
INNER JOIN ops.build_month AS build
    ON build.month = numbering.month
UNION ALL BY NAME
SELECT
    'R-43' AS code,
    document.month,
    document.billing_entity_id,
    document.billed_customer_id,
    document.number AS subject,
    document.currency,
    abs(document.net) AS amount,
    concat(
        'Invoice ', document.number, ' of ', document.billed_customer_name, ' was issued for ',
        strftime(document.month, '%Y-%m'), ' after ', decided.by_person,
        ' had closed the month: void it, and let a correction on a later invoice charge it.'
    ) AS sentence
FROM billing.document AS document
INNER JOIN ops.build_month AS build
    ON build.month = document.month
INNER JOIN decided
    ON decided.document_id = document.document_id
    AND decided.place = 1
    AND decided.kind = 'close'
UNION ALL BY NAME
SELECT
    'R-43' AS code,
    draft.month,
    draft.billing_entity_id,
    draft.billed_customer_id,
    'draft' AS subject,
    draft.currency,
    abs(draft.net) AS amount,
    concat(
        'The draft for ', draft.billed_customer_name, ' charges ', billing.plain(draft.net), ' ', draft.currency, ' for ',
        strftime(draft.month, '%Y-%m'), ', which is closed: build the month again, so that a later one corrects it.'
    ) AS sentence
FROM billing.draft AS draft
INNER JOIN ops.build_month AS build
    ON build.month = draft.month
INNER JOIN billing.period AS period
    ON period.month = draft.month
    AND period.billing_entity_id = draft.billing_entity_id
    AND period.status = 'Closed'
UNION ALL BY NAME
SELECT
    'R-43' AS code,
    reopened.month,
    reopened.billing_entity_id,
    NULL AS billed_customer_id,
    concat('reopened by entry ', CAST(reopened.seq AS VARCHAR)) AS subject,
    NULL AS currency,
    NULL AS amount,
    concat(
        reopened.by_person, ' opened ', strftime(reopened.month, '%Y-%m'), ' again',
        CASE WHEN reopened.approved_by IS NULL THEN ' and nobody approved it' ELSE ' and approved it too' END,
        ': have another person look at what was done since, and close it again.'
    ) AS sentence
FROM reopened
INNER JOIN ops.build_month AS build
    ON build.month = reopened.month
WHERE coalesce(lower(reopened.approved_by) = lower(reopened.by_person), true);
