-- The pull that counts for a stream and day: of those that proved themselves complete, the latest version.
-- grain: one stream of one connection and one usage date
-- key: vendor, connection, stream, usage_date
-- asset: no, a step on the way to others
-- source: ops.pull
CREATE OR REPLACE VIEW ops.current_pull AS
SELECT * EXCLUDE (place)
FROM (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY vendor, connection, stream, usage_date
            ORDER BY version DESC, pull_id
        ) AS place
    FROM ops.pull
    WHERE status = 'ok'
) AS ranked
WHERE place = 1;
