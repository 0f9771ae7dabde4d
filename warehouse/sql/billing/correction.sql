-- Differences to earlier months that stand on the next invoice of the customer: one line each, with the
-- service period it was about.
-- grain: one restatement in the month that it is booked in
-- key: charge_line_id
-- source: billing.restatement
-- partition: month
-- rebuilds: month
-- units: the invoice's currency
-- rounding: none
CREATE TABLE IF NOT EXISTS billing.correction (
    charge_line_id VARCHAR NOT NULL,
    restatement_id VARCHAR NOT NULL,
    month DATE NOT NULL, -- of the invoice that takes it
    restates_month DATE NOT NULL,
    restates_number VARCHAR, -- null where that month had no invoice
    billing_entity_id VARCHAR NOT NULL,
    billed_customer_id VARCHAR NOT NULL,
    customer_id VARCHAR NOT NULL,
    currency VARCHAR NOT NULL,
    sku VARCHAR NOT NULL,
    dimension VARCHAR NOT NULL,
    service_period_start DATE NOT NULL,
    service_period_end DATE NOT NULL, -- the first day after it
    description VARCHAR NOT NULL,
    rule VARCHAR NOT NULL,
    quantity DECIMAL(20,6), -- the difference; null where none was metered
    unit VARCHAR,
    exact_amount DECIMAL(37,15) NOT NULL,
    cost_amount DECIMAL(37,15),
    tax_class VARCHAR NOT NULL
);
WITH
told AS (
    SELECT
        restatement.*,
        strftime(restatement.restates_month, '%Y-%m') AS month_text,
        coalesce(restatement.rated_quantity, 0) AS new_quantity,
        coalesce(restatement.billed_quantity, 0) + coalesce(restatement.corrected_quantity, 0) AS old_quantity,
        coalesce(restatement.rated_quantity, restatement.billed_quantity, restatement.corrected_quantity)
            IS NOT NULL AS is_metered
    FROM billing.restatement AS restatement
    INNER JOIN ops.build_month AS build
        ON build.month = restatement.booked_month
)
SELECT
    md5(concat_ws('|', 'correction', restatement_id, CAST(booked_month AS VARCHAR))) AS charge_line_id,
    restatement_id,
    booked_month AS month,
    restates_month,
    restates_number,
    billing_entity_id,
    billed_customer_id,
    customer_id,
    currency,
    sku,
    dimension,
    service_period_start,
    service_period_end,
    concat(
        'Correction of ', month_text,
        CASE WHEN restates_number IS NULL THEN '' ELSE concat(' (invoice ', restates_number, ')') END,
        ': ',
        CASE sku WHEN '' THEN 'all products' ELSE coalesce(sku_name, sku) END,
        CASE dimension WHEN '' THEN '' ELSE concat(', ', dimension) END,
        CASE WHEN customer_id <> billed_customer_id THEN concat(', ', customer_name) ELSE '' END,
        CASE
            WHEN is_metered AND new_quantity <> old_quantity THEN concat(
                ', ',
                billing.plain(new_quantity),
                ' instead of ',
                billing.plain(old_quantity),
                ' ', unit
            )
            ELSE ''
        END
    ) AS description,
    concat(
        'What ', month_text, ' costs as it is known now, less what was billed: ', cause, '. ',
        billing.plain(rated_amount), ' less ',
        billing.plain(billed_amount + corrected_amount),
        CASE WHEN waived_amount = 0 THEN ''
            ELSE concat(' and ', billing.plain(waived_amount), ' waived')
        END
    ) AS rule,
    CASE WHEN is_metered THEN CAST(new_quantity - old_quantity AS DECIMAL(20,6)) END AS quantity,
    CASE WHEN is_metered THEN unit END AS unit,
    open_amount AS exact_amount,
    open_cost AS cost_amount,
    tax_class
FROM told;
