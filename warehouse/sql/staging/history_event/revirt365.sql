-- ReVirt365: the sessions of backup jobs. An instant with offset is UTC; without one its clock is unknown.
-- source: raw.revirt365_sessions
WITH
told AS (
    SELECT *, regexp_matches(occurred_at, '(Z|[+-][0-9]{2}:?[0-9]{2})$') AS has_offset
    FROM raw.revirt365_sessions
)
SELECT
    vendor,
    connection,
    account_id,
    job_id AS resource_id,
    coalesce(event_type, 'backup') AS event_type,
    status,
    CASE
        -- The session's time zone is UTC.
        WHEN has_offset THEN CAST(try_cast(occurred_at AS TIMESTAMPTZ) AS TIMESTAMP)
        ELSE try_cast(occurred_at AS TIMESTAMP)
    END AS occurred_at,
    CASE WHEN has_offset THEN 'utc' ELSE 'client' END AS occurred_at_zone,
    uploaded_bytes,
    duration_seconds,
    CAST(json_object('session_id', session_id) AS VARCHAR) AS detail,
    usage_date,
    pull_id,
    row_no
FROM told;
