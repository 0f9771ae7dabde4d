-- What a month is rated at is not what its invoices, corrections and waivers come to.
SELECT
    coalesce(rated.month, billed.month) AS month,
    coalesce(rated.billed_customer_id, billed.billed_customer_id) AS billed_customer_id,
    coalesce(rated.amount, 0) AS rated,
    coalesce(billed.amount, 0) AS billed
FROM (
    SELECT
        charge.month, charge.billing_entity_id, charge.billed_customer_id, charge.currency,
        sum(charge.exact_amount) AS amount
    FROM billing.charge AS charge
    INNER JOIN ops.build_month AS build
        ON build.month = charge.month
    GROUP BY charge.month, charge.billing_entity_id, charge.billed_customer_id, charge.currency
) AS rated
FULL JOIN (
    SELECT
        part.month, part.billing_entity_id, part.billed_customer_id, part.currency,
        sum(part.amount) AS amount
    FROM (
        SELECT
            coalesce(restates_month, month) AS month, billing_entity_id, billed_customer_id, currency,
            exact_amount AS amount
        FROM billing.invoice_line
        WHERE document_kind = 'invoice'
            AND status <> 'voided'
            -- What is booked in a later month stands there only when that month is built too.
            AND (status = 'issued' OR restates_month IS NULL OR restates_month = month)
        UNION ALL
        SELECT
            restates_month AS month, billing_entity_id, billed_customer_id, currency,
            waived_amount + CASE WHEN booked_month = restates_month THEN 0 ELSE open_amount END AS amount
        FROM billing.restatement
    ) AS part
    INNER JOIN ops.build_month AS build
        ON build.month = part.month
    GROUP BY part.month, part.billing_entity_id, part.billed_customer_id, part.currency
) AS billed
    ON billed.month = rated.month
    AND billed.billing_entity_id = rated.billing_entity_id
    AND billed.billed_customer_id = rated.billed_customer_id
    AND billed.currency = rated.currency
WHERE coalesce(rated.amount, 0) <> coalesce(billed.amount, 0);
