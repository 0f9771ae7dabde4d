-- The months of each billing entity, and whether they are closed. In a closed month nothing is billed any
-- more: what changes in it is restated in the next open one.
-- grain: one month of one billing entity
-- key: month, billing_entity_id
-- source: billing.customer_terms, billing.register_entry
CREATE OR REPLACE VIEW billing.period AS
WITH
latest AS (
    SELECT *
    FROM (
        SELECT
            *,
            row_number() OVER (PARTITION BY month, billing_entity_id ORDER BY seq DESC) AS place
        FROM billing.register_entry
        WHERE kind IN ('close', 'reopen')
    ) AS ranked
    WHERE place = 1
),
known AS (
    SELECT month, billing_entity_id FROM billing.customer_terms
    UNION
    SELECT month, billing_entity_id FROM latest
)
SELECT
    known.month,
    known.billing_entity_id,
    CASE WHEN latest.kind = 'close' THEN 'Closed' ELSE 'Open' END AS status,
    CASE WHEN latest.kind = 'close' THEN latest.recorded_at END AS closed_at,
    CASE WHEN latest.kind = 'close' THEN latest.by_person END AS closed_by,
    CASE WHEN latest.kind = 'reopen' THEN latest.recorded_at END AS reopened_at,
    CASE WHEN latest.kind = 'reopen' THEN latest.by_person END AS reopened_by,
    CASE WHEN latest.kind = 'reopen' THEN latest.reason END AS reopened_because
FROM known
LEFT JOIN latest
    ON latest.month = known.month
    AND latest.billing_entity_id = known.billing_entity_id;
