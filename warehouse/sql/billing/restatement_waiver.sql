-- Differences that somebody decided not to charge, or not to give back. A waiver holds for the amounts it
-- was given for: should the month be rated as it was before, there is nothing left of it.
-- grain: one waiver; a restatement may have several
-- key: seq
-- source: billing.register_entry
-- units: the invoice's currency
CREATE OR REPLACE VIEW billing.restatement_waiver AS
SELECT
    entry.seq,
    entry.subject AS restatement_id,
    entry.month AS restates_month,
    entry.billing_entity_id,
    CAST(json_extract_string(entry.body, '$.exact_amount') AS DECIMAL(37,15)) AS exact_amount,
    CAST(json_extract_string(entry.body, '$.rated_amount') AS DECIMAL(37,15)) AS rated_amount,
    entry.reason,
    entry.by_person AS waived_by,
    entry.recorded_at AS waived_at
FROM billing.register_entry AS entry
WHERE entry.kind = 'waive';
