-- Differences that somebody decided not to charge, or not to give back. A waiver holds for the amounts it
-- was given for: should the month be rated as it was before, there is nothing left of it.
-- grain: one waiver; a restatement may have several
-- key: seq
-- asset: no, a step on the way to others
-- source: billing.register_entry
-- units: the invoice's currency
CREATE OR REPLACE VIEW billing.restatement_waiver AS
SELECT
    entry.seq,
    entry.subject AS restatement_id,
    entry.month AS restates_month,
    entry.billing_entity_id,
    json_extract_string(entry.body, '$.billed_customer_id') AS billed_customer_id,
    json_extract_string(entry.body, '$.currency') AS currency,
    json_extract_string(entry.body, '$.customer_id') AS customer_id,
    json_extract_string(entry.body, '$.sku') AS sku,
    json_extract_string(entry.body, '$.dimension') AS dimension,
    json_extract_string(entry.body, '$.tax_class') AS tax_class,
    CAST(json_extract_string(entry.body, '$.service_period_start') AS DATE) AS service_period_start,
    CAST(json_extract_string(entry.body, '$.service_period_end') AS DATE) AS service_period_end,
    CAST(json_extract_string(entry.body, '$.exact_amount') AS DECIMAL(37,15)) AS exact_amount,
    CAST(json_extract_string(entry.body, '$.rated_amount') AS DECIMAL(37,15)) AS rated_amount,
    entry.reason,
    entry.by_person AS waived_by,
    entry.recorded_at AS waived_at
FROM billing.register_entry AS entry
WHERE entry.kind = 'waive';
