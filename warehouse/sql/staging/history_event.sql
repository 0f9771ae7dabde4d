-- What happened at the vendor: backups run, failed, cancelled. Evidence of activity, never billed.
-- A row of the client's clock belongs to the date on that clock; its day is complete one day later,
-- so a landed day replaces the day before it too.
-- grain: one event, or the day's status of one product of one company
-- key: pull_id, row_no
-- source: one file a vendor in history_event/
-- partition: usage_date
-- rebuilds: -1..0
-- units: bytes, seconds
CREATE TABLE IF NOT EXISTS staging.history_event (
    vendor VARCHAR NOT NULL,
    connection VARCHAR NOT NULL,
    account_id VARCHAR NOT NULL,
    resource_id VARCHAR,
    event_type VARCHAR NOT NULL,
    status VARCHAR,
    occurred_at TIMESTAMP, -- on the clock that occurred_at_zone names
    occurred_at_zone VARCHAR NOT NULL, -- utc, or client: unknown, and not to be converted
    uploaded_bytes BIGINT,
    duration_seconds BIGINT,
    detail VARCHAR, -- what else the vendor tells, as JSON
    usage_date DATE NOT NULL,
    pull_id VARCHAR NOT NULL,
    row_no BIGINT NOT NULL
);
