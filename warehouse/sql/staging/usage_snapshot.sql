-- Every reading: what a vendor reported for one meter of one resource on one day. A reported 0 is a
-- row; what the vendor did not report has none.
-- grain: one meter of one resource of one vendor account on one usage date
-- key: vendor, connection, account_id, resource_id, resource_name, resource_type, product, meter, usage_date
-- source: one file a vendor in usage_snapshot/
-- partition: usage_date
-- rebuilds: 0..0
-- units: bytes for every storage meter (KB and MB fields times 1024 and 1048576), else counts
-- rounding: none
CREATE TABLE IF NOT EXISTS staging.usage_snapshot (
    vendor VARCHAR NOT NULL,
    connection VARCHAR NOT NULL,
    account_id VARCHAR NOT NULL,
    resource_id VARCHAR NOT NULL,
    resource_name VARCHAR,
    resource_type VARCHAR NOT NULL,
    product VARCHAR NOT NULL,
    meter VARCHAR NOT NULL,
    usage_date DATE NOT NULL,
    quantity DECIMAL(28,9) NOT NULL,
    unit VARCHAR NOT NULL,
    is_trial BOOLEAN, -- null where the vendor does not say
    quality VARCHAR NOT NULL, -- reported, carried, estimated, manual
    pull_id VARCHAR NOT NULL,
    row_no BIGINT NOT NULL -- of the raw row, or of the first where several make one reading
);
