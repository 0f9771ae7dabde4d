-- Readings that a check has a doubt about: why, by the check's code. A SELECT each, in the folder of this name.
-- grain: one reading, or one product's readings of one day, that one check doubts
-- key: none
-- asset: no, a step on the way to reconciliation.doubtful_usage
-- source: staging.usage_snapshot, ops.pull, ops.current_pull, reference.meter, reference.sku_mapping
-- partition: month
-- rebuilds: month
-- units: the meter's, as staged
-- rounding: none
CREATE TABLE IF NOT EXISTS reconciliation.doubtful_reading (
    month DATE NOT NULL,
    code VARCHAR NOT NULL,
    vendor VARCHAR NOT NULL,
    connection VARCHAR NOT NULL,
    account_id VARCHAR NOT NULL,
    subject VARCHAR NOT NULL, -- what else the check tells apart: a stream, a day
    product VARCHAR NOT NULL,
    meter VARCHAR NOT NULL,
    usage_date DATE NOT NULL,
    quantity DECIMAL(38,9) NOT NULL
);
