-- What stops an invoice from being issued, or a month from being closed, and what to do about it: the findings
-- that block and that nobody let pass.
-- grain: one finding
-- key: fingerprint
-- source: reconciliation.finding_state
-- units: amount at risk in currency; null when it is not known
CREATE OR REPLACE VIEW billing.blocker AS
SELECT
    month,
    billing_entity_id, -- null: every one of them
    billed_customer_id, -- null: everybody
    stops, -- issue, and with it the close; or only the close
    title AS kind,
    sentence,
    CASE WHEN amount_known THEN amount_at_risk END AS amount,
    CASE WHEN amount_known THEN currency END AS currency,
    fingerprint
FROM reconciliation.finding_state
WHERE stops IN ('issue', 'close')
    AND state <> 'waived';
