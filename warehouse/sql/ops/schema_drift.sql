-- Fields a vendor sends that its stream does not declare. They are kept in the raw column `extra`.
-- grain: one field of one stream
-- key: vendor, stream, field
-- source: ops.pull
CREATE OR REPLACE VIEW ops.schema_drift AS
SELECT vendor, stream, field, usage_date AS first_seen_on, pull_id AS first_seen_in, responses_path
FROM (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY vendor, stream, field
            ORDER BY usage_date, finished_at, pull_id
        ) AS place
    FROM (
        SELECT vendor, stream, usage_date, finished_at, pull_id, responses_path, unnest(unknown_fields) AS field
        FROM ops.pull
    ) AS sighting
) AS ranked
WHERE place = 1;
