-- What is no longer what was billed: for each month that is invoiced or closed, the charges as they are
-- rated now against those on invoices, by customer, SKU and dimension. Always, to the 15th decimal:
-- rated = billed + corrected + waived + open.
-- grain: one customer, SKU, dimension and tax class on the invoices of one billed customer, for one month
-- key: restatement_id
-- source: billing.settlement, billing.document, billing.live_invoice, billing.period,
--     billing.restatement_waiver, billing.customer_terms, reference.sku, ops.pull
-- units: the invoice's currency
CREATE OR REPLACE VIEW billing.restatement AS
WITH
closed AS (
    SELECT month, billing_entity_id FROM billing.period WHERE status = 'Closed'
),
settlement AS (
    SELECT * FROM billing.settlement
),
-- Of what was waived counts what still lies between the amount it was rated at then and what was left of it.
waived AS (
    SELECT
        settlement.restatement_id,
        sum(greatest(
            least(
                settlement.rated_amount - (waiver.rated_amount - waiver.exact_amount),
                greatest(waiver.exact_amount, 0)
            ),
            least(waiver.exact_amount, 0)
        )) AS waived_amount
    FROM settlement
    INNER JOIN billing.restatement_waiver AS waiver
        ON waiver.restatement_id = settlement.restatement_id
    GROUP BY settlement.restatement_id
),
-- The latest invoice of a month, voided or not: a correction names it.
numbered AS (
    SELECT
        document.*,
        row_number() OVER (
            PARTITION BY document.billing_entity_id, document.billed_customer_id, document.currency, document.month
            ORDER BY document.seq DESC
        ) AS place
    FROM billing.document AS document
    WHERE document.kind = 'invoice'
),
-- A month that is a draft again bills whole what is rated: only what was corrected before, or waived, is
-- left to be taken into account.
weighed AS (
    SELECT
        settlement.*,
        live.document_id IS NOT NULL AS is_invoiced,
        live.document_id IS NOT NULL OR closed.month IS NOT NULL AS is_billed,
        numbered.number,
        CASE WHEN live.document_id IS NOT NULL OR closed.month IS NOT NULL THEN settlement.issued_amount
            ELSE settlement.rated_amount
        END AS billed_amount,
        CASE WHEN live.document_id IS NOT NULL OR closed.month IS NOT NULL THEN settlement.issued_cost
            ELSE settlement.rated_cost
        END AS billed_cost,
        CASE WHEN live.document_id IS NOT NULL OR closed.month IS NOT NULL THEN settlement.issued_quantity
            ELSE settlement.rated_quantity
        END AS billed_quantity,
        coalesce(waived.waived_amount, 0) AS waived_amount
    FROM settlement
    LEFT JOIN waived
        ON waived.restatement_id = settlement.restatement_id
    LEFT JOIN billing.live_invoice AS live
        ON live.billing_entity_id = settlement.billing_entity_id
        AND live.billed_customer_id = settlement.billed_customer_id
        AND live.currency = settlement.currency
        AND live.month = settlement.restates_month
    LEFT JOIN closed
        ON closed.billing_entity_id = settlement.billing_entity_id
        AND closed.month = settlement.restates_month
    LEFT JOIN numbered
        ON numbered.billing_entity_id = settlement.billing_entity_id
        AND numbered.billed_customer_id = settlement.billed_customer_id
        AND numbered.currency = settlement.currency
        AND numbered.month = settlement.restates_month
        AND numbered.place = 1
),
different AS (
    SELECT *, rated_amount - billed_amount - corrected_amount - waived_amount AS open_amount
    FROM weighed
    WHERE corrected_rows > 0
        OR waived_amount <> 0
        OR rated_amount <> billed_amount
),
landed AS (
    SELECT DISTINCT CAST(date_trunc('month', usage_date) AS DATE) AS month FROM ops.pull
),
-- The first month that is not billed yet is the one that takes what is open.
bookable AS (
    SELECT
        unsettled.billing_entity_id,
        unsettled.billed_customer_id,
        unsettled.currency,
        unsettled.restates_month,
        min(landed.month) AS booked_month
    FROM (
        SELECT DISTINCT billing_entity_id, billed_customer_id, currency, restates_month
        FROM different
        WHERE open_amount <> 0
    ) AS unsettled
    INNER JOIN landed
        ON landed.month >= unsettled.restates_month
    LEFT JOIN billing.live_invoice AS live
        ON live.billing_entity_id = unsettled.billing_entity_id
        AND live.billed_customer_id = unsettled.billed_customer_id
        AND live.currency = unsettled.currency
        AND live.month = landed.month
    LEFT JOIN closed
        ON closed.billing_entity_id = unsettled.billing_entity_id
        AND closed.month = landed.month
    WHERE live.document_id IS NULL
        AND closed.month IS NULL
    GROUP BY ALL
)
SELECT
    different.restatement_id,
    different.restates_month,
    different.number AS restates_number,
    different.billing_entity_id,
    different.billed_customer_id,
    different.currency,
    different.customer_id,
    coalesce(terms.customer_name, different.customer_id) AS customer_name,
    different.sku,
    sku.name AS sku_name,
    different.dimension,
    different.tax_class,
    different.service_period_start,
    different.service_period_end,
    sku.unit,
    different.billed_quantity,
    different.corrected_quantity,
    different.rated_quantity,
    CAST(different.billed_amount AS DECIMAL(37,15)) AS billed_amount,
    CAST(different.corrected_amount AS DECIMAL(37,15)) AS corrected_amount,
    CAST(different.waived_amount AS DECIMAL(37,15)) AS waived_amount,
    CAST(different.open_amount AS DECIMAL(37,15)) AS open_amount,
    CAST(different.rated_amount AS DECIMAL(37,15)) AS rated_amount,
    CASE WHEN NOT different.cost_unknown
        THEN CAST(different.rated_cost - different.billed_cost - different.corrected_cost AS DECIMAL(37,15))
    END AS open_cost, -- null when it is not known
    CASE WHEN different.open_amount <> 0 THEN bookable.booked_month END AS booked_month,
    CASE
        WHEN different.open_amount = 0 THEN 'settled'
        WHEN bookable.booked_month IS NULL THEN 'open'
        ELSE 'booked'
    END AS status,
    CASE
        WHEN NOT different.is_billed THEN 'its invoice was voided and the month is billed anew'
        WHEN NOT different.is_invoiced AND different.number IS NOT NULL THEN 'its invoice was voided'
        WHEN different.rated_rows = 0 THEN 'it is no longer charged to this customer'
        WHEN different.issued_rows = 0 THEN 'it was not on the invoice of that month'
        WHEN different.rated_quantity IS DISTINCT FROM different.issued_quantity THEN 'the quantity is another'
        ELSE 'it is priced otherwise'
    END AS cause
FROM different
LEFT JOIN bookable
    ON bookable.billing_entity_id = different.billing_entity_id
    AND bookable.billed_customer_id = different.billed_customer_id
    AND bookable.currency = different.currency
    AND bookable.restates_month = different.restates_month
LEFT JOIN billing.customer_terms AS terms
    ON terms.month = different.restates_month
    AND terms.customer_id = different.customer_id
LEFT JOIN reference.sku AS sku
    ON sku.sku = different.sku;
