-- Every pull that was made: what was asked for, what became of it, and where its files are.
-- grain: one pull
-- key: pull_id
-- source: the manifests in the landing
-- partition: usage_date
-- rebuilds: 0..0
CREATE TABLE IF NOT EXISTS ops.pull (
    pull_id VARCHAR NOT NULL,
    vendor VARCHAR NOT NULL,
    connection VARCHAR NOT NULL,
    stream VARCHAR NOT NULL,
    usage_date DATE NOT NULL,
    status VARCHAR NOT NULL, -- ok, failed, refused
    pages BIGINT NOT NULL,
    rows BIGINT NOT NULL,
    vendor_total BIGINT, -- rows there are by the vendor's own word, where it gives one
    quarantined BIGINT NOT NULL,
    started_at TIMESTAMPTZ NOT NULL,
    finished_at TIMESTAMPTZ NOT NULL,
    responses_path VARCHAR, -- relative to the data directory, as the other paths
    rows_path VARCHAR,
    sha256 VARCHAR NOT NULL, -- of the accepted answers
    version BIGINT NOT NULL, -- counts the accepted contents of that day from 1; 0 unless ok
    reason VARCHAR NOT NULL, -- why it failed or was refused, one sentence
    quarantine_path VARCHAR,
    unknown_fields VARCHAR[] NOT NULL -- fields the vendor sent and the stream does not declare
);
