-- When reconciliation first saw a finding, and when it was gone: as the register has it.
-- grain: one finding that appeared or went in one run
-- key: seq, fingerprint
-- asset: no, a step on the way to reconciliation.finding_state
-- source: billing.register_entry
CREATE OR REPLACE VIEW reconciliation.sighting AS
WITH
told AS (
    SELECT
        seq,
        recorded_at,
        from_json(
            body,
            '{"seen": [{"fingerprint": "VARCHAR", "code": "VARCHAR", "month": "DATE", "severity": "VARCHAR",
            "billing_entity_id": "VARCHAR", "billed_customer_id": "VARCHAR", "currency": "VARCHAR",
            "amount_at_risk": "DECIMAL(18,4)", "sentence": "VARCHAR"}], "gone": ["VARCHAR"]}'
        ) AS body
    FROM billing.register_entry
    WHERE kind = 'findings'
)
SELECT seq, recorded_at, true AS is_there, unnest(body.seen, recursive := true)
FROM told
UNION ALL BY NAME
SELECT seq, recorded_at, false AS is_there, unnest(body.gone) AS fingerprint
FROM told;
