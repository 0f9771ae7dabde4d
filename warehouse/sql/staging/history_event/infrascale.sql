-- Infrascale: backup events. The pull of a day asks for the client dates of that day and of the one
-- before; the rows of a client date are taken from the pull of the day after it, which saw clients west
-- of us to the end of their day, or from the pull of the date itself until that one is landed.
-- source: raw.infrascale_history_events, ops.current_pull
WITH
dated AS (
    SELECT *, coalesce(CAST(client_date AS DATE), usage_date) AS event_date
    FROM raw.infrascale_history_events
)
SELECT
    event.vendor,
    event.connection,
    CAST(event.entity_id AS VARCHAR) AS account_id,
    event.account_name AS resource_id,
    event.event_type,
    event.indicator AS status,
    event.client_date AS occurred_at,
    'client' AS occurred_at_zone,
    event.uploaded_files_size AS uploaded_bytes,
    event.backup_duration AS duration_seconds,
    event.event_date AS usage_date,
    event.pull_id,
    event.row_no
FROM dated AS event
LEFT JOIN ops.current_pull AS later
    ON later.vendor = event.vendor
    AND later.connection = event.connection
    AND later.stream = 'history_events'
    AND later.usage_date = CAST(event.usage_date + INTERVAL 1 DAY AS DATE)
WHERE event.client_date IS NULL
    OR event.event_date = CAST(event.usage_date - INTERVAL 1 DAY AS DATE)
    OR (event.event_date = event.usage_date AND later.pull_id IS NULL);
