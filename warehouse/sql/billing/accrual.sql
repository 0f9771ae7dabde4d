-- What was earned and is not invoiced yet, for the books at the end of a month and in the middle of one.
-- Usage that adds up from day to day is earned as far as it is metered; everything else by the days of its
-- service period that have passed. Credit notes are left aside.
-- grain: one month of one billing entity in one currency
-- key: month, billing_entity_id, currency
-- source: billing.charge, billing.charge_usage, billing.live_invoice, billing.document_line,
--     billing.restatement, billing.period, reference.currency, ops.pull
-- units: the invoices' currency
-- rounding: each sum for itself to the currency's smallest unit, half away from zero
CREATE OR REPLACE VIEW billing.accrual AS
WITH
metered AS (
    SELECT CAST(max(usage_date) + INTERVAL 1 DAY AS DATE) AS metered_until FROM ops.pull WHERE status = 'ok'
),
growing AS (
    SELECT DISTINCT charge_id FROM billing.charge_usage WHERE aggregation IN ('sum', 'count')
),
charge AS (
    SELECT
        charge.month,
        charge.billing_entity_id,
        charge.currency,
        charge.exact_amount,
        growing.charge_id IS NOT NULL AS is_growing,
        date_diff('day', charge.service_period_start, charge.service_period_end) AS days,
        greatest(0, least(
            date_diff('day', charge.service_period_start, metered.metered_until),
            date_diff('day', charge.service_period_start, charge.service_period_end)
        )) AS days_passed
    FROM billing.charge AS charge
    CROSS JOIN metered
    LEFT JOIN growing
        ON growing.charge_id = charge.charge_id
),
amount AS (
    SELECT
        month,
        billing_entity_id,
        currency,
        exact_amount AS rated,
        CASE WHEN is_growing OR days_passed = days THEN exact_amount
            ELSE billing.shared(exact_amount, days_passed, days)
        END AS earned,
        CASE WHEN is_growing AND days_passed > 0 THEN billing.shared(exact_amount, days, days_passed)
            ELSE exact_amount
        END AS whole_month,
        0 AS invoiced,
        0 AS waived
    FROM charge
    UNION ALL BY NAME
    SELECT
        coalesce(line.restates_month, line.month) AS month,
        invoice.billing_entity_id,
        invoice.currency,
        line.exact_amount AS invoiced
    FROM billing.live_invoice AS invoice
    INNER JOIN billing.document_line AS line
        ON line.document_id = invoice.document_id
    UNION ALL BY NAME
    SELECT restates_month AS month, billing_entity_id, currency, waived_amount AS waived
    FROM billing.restatement
),
summed AS (
    SELECT
        month,
        billing_entity_id,
        currency,
        coalesce(sum(rated), 0) AS rated,
        coalesce(sum(earned), 0) AS earned,
        coalesce(sum(invoiced), 0) AS invoiced,
        coalesce(sum(waived), 0) AS waived,
        coalesce(sum(whole_month), 0) AS whole_month
    FROM amount
    GROUP BY month, billing_entity_id, currency
),
dated AS (
    SELECT
        summed.*,
        date_diff('day', summed.month, last_day(summed.month)) + 1 AS days,
        date_diff('day', summed.month, metered.metered_until) AS days_passed
    FROM summed
    CROSS JOIN metered
)
SELECT
    dated.month,
    dated.billing_entity_id,
    dated.currency,
    coalesce(period.status, 'Open') AS status,
    CAST(dated.days AS INTEGER) AS days,
    CAST(greatest(0, least(dated.days_passed, dated.days)) AS INTEGER) AS days_passed,
    billing.cents(dated.rated, currency.minor_unit) AS rated, -- as it would be billed now
    billing.cents(dated.earned, currency.minor_unit) AS earned,
    billing.cents(dated.invoiced, currency.minor_unit) AS invoiced,
    billing.cents(dated.waived, currency.minor_unit) AS waived,
    billing.cents(dated.earned - dated.invoiced - dated.waived, currency.minor_unit) AS accrued,
    billing.cents(dated.whole_month, currency.minor_unit) AS whole_month -- if it goes on as it did so far
FROM dated
INNER JOIN reference.currency AS currency
    ON currency.currency = dated.currency
LEFT JOIN billing.period AS period
    ON period.month = dated.month
    AND period.billing_entity_id = dated.billing_entity_id;
