-- The billable parties a vendor knows, as it told them for that day.
-- grain: one vendor account on one usage date
-- key: vendor, connection, account_id, usage_date
-- source: one file a vendor in vendor_account/
-- partition: usage_date
-- rebuilds: 0..0
CREATE TABLE IF NOT EXISTS staging.vendor_account (
    vendor VARCHAR NOT NULL,
    connection VARCHAR NOT NULL,
    account_id VARCHAR NOT NULL,
    parent_account_id VARCHAR, -- may name an account above what we are shown
    name VARCHAR,
    account_type VARCHAR,
    status VARCHAR,
    is_active BOOLEAN,
    usage_date DATE NOT NULL,
    pull_id VARCHAR NOT NULL
);
