-- Rows of current pulls that could not be typed, with the vendor's own text of them.
-- grain: one row of the vendor's answer
-- key: pull_id, row_no
-- source: the quarantine files in the landing
-- partition: usage_date
-- rebuilds: 0..0
CREATE TABLE IF NOT EXISTS ops.quarantine (
    vendor VARCHAR NOT NULL,
    connection VARCHAR NOT NULL,
    stream VARCHAR NOT NULL,
    usage_date DATE NOT NULL,
    pull_id VARCHAR NOT NULL,
    row_no BIGINT NOT NULL, -- within the quarantine of the pull, from 0
    reason VARCHAR NOT NULL,
    payload VARCHAR NOT NULL
);
