-- Findings with their history: first and last seen, who has them, whether somebody let them pass; those that
-- are gone too. A waiver holds up to and including its day and for the figures that it was given for: a
-- finding that grows beyond them is open again. One that stands for more than 30 days is aged (R-46).
-- grain: one finding
-- key: fingerprint
-- source: reconciliation.finding, reconciliation.sighting, billing.register_entry, ops.pull
-- units: amounts in currency
CREATE OR REPLACE VIEW reconciliation.finding_state AS
WITH
-- As the data know the day: that of the newest pull.
today AS (
    SELECT max(usage_date) AS day, max(finished_at) AS instant FROM ops.pull
),
history AS (
    SELECT
        fingerprint,
        min(recorded_at) AS first_seen_at,
        max(seq) FILTER (WHERE is_there) AS appeared_seq,
        max(recorded_at) FILTER (WHERE NOT is_there) AS gone_at,
        count(*) FILTER (WHERE is_there) AS appearances
    FROM reconciliation.sighting
    GROUP BY fingerprint
),
decision AS (
    SELECT
        subject AS fingerprint,
        kind,
        seq,
        by_person,
        reason,
        json_extract_string(body, '$.owner') AS owner,
        CAST(json_extract_string(body, '$.until') AS DATE) AS until,
        CAST(json_extract_string(body, '$.amount_at_risk') AS DECIMAL(18,4)) AS amount,
        CAST(json_extract_string(body, '$.difference') AS DECIMAL(38,9)) AS difference,
        row_number() OVER (PARTITION BY subject, kind ORDER BY seq DESC) AS place
    FROM billing.register_entry
    WHERE kind IN ('acknowledge', 'waive_finding')
),
judged AS (
    SELECT
        finding.*,
        history.first_seen_at,
        today.instant AS last_seen_at,
        CAST(date_diff('day', CAST(history.first_seen_at AS DATE), today.day) AS INTEGER) AS age_days,
        taken.owner,
        waiver.until AS waived_until,
        -- Before the running month can be closed.
        waiver.until < last_day(today.day) + 15 AS waiver_ends_soon,
        waiver.amount AS waived_amount,
        waiver.by_person AS waived_by,
        coalesce(waiver.reason, taken.reason) AS reason,
        waiver.seq IS NOT NULL AS was_waived,
        coalesce(
            waiver.until >= today.day
            AND abs(finding.amount_at_risk) <= abs(waiver.amount)
            AND abs(coalesce(finding.difference, 0)) <= abs(coalesce(waiver.difference, 0)),
            false
        ) AS is_waived,
        coalesce(history.appearances, 1) > 1 AS came_back,
        coalesce(taken.seq > history.appeared_seq, false) AS is_taken
    FROM reconciliation.finding AS finding
    CROSS JOIN today
    LEFT JOIN history
        ON history.fingerprint = finding.fingerprint
    LEFT JOIN decision AS taken
        ON taken.fingerprint = finding.fingerprint
        AND taken.kind = 'acknowledge'
        AND taken.place = 1
    LEFT JOIN decision AS waiver
        ON waiver.fingerprint = finding.fingerprint
        AND waiver.kind = 'waive_finding'
        AND waiver.place = 1
)
SELECT
    CASE
        WHEN is_waived THEN 'waived'
        WHEN is_taken THEN 'acknowledged'
        WHEN came_back OR was_waived THEN 'reopened'
        ELSE 'open'
    END AS state,
    judged.* EXCLUDE (was_waived, is_waived, came_back, is_taken, waiver_ends_soon),
    is_waived AND waiver_ends_soon AS waiver_ends_soon,
    NOT is_waived AND coalesce(age_days > 30, false) AS is_aged
FROM judged
UNION ALL BY NAME
SELECT
    'fixed' AS state,
    sighting.fingerprint,
    sighting.code,
    sighting.month,
    sighting.severity,
    sighting.billing_entity_id,
    sighting.billed_customer_id,
    sighting.currency,
    sighting.amount_at_risk,
    sighting.sentence,
    history.first_seen_at,
    history.gone_at AS last_seen_at
FROM history
INNER JOIN reconciliation.sighting AS sighting
    ON sighting.fingerprint = history.fingerprint
    AND sighting.seq = history.appeared_seq
    AND sighting.is_there
LEFT JOIN reconciliation.finding AS finding
    ON finding.fingerprint = history.fingerprint
WHERE finding.fingerprint IS NULL;
