-- What a vendor account subscribes to at the vendor, as told for that day.
-- grain: one subscription on one usage date
-- key: vendor, connection, account_id, subscription_id, usage_date
-- source: one file a vendor in subscription/
-- partition: usage_date
-- rebuilds: 0..0
CREATE TABLE IF NOT EXISTS staging.subscription (
    vendor VARCHAR NOT NULL,
    connection VARCHAR NOT NULL,
    account_id VARCHAR NOT NULL,
    subscription_id VARCHAR NOT NULL,
    product VARCHAR NOT NULL,
    plan VARCHAR,
    status VARCHAR,
    is_trial BOOLEAN,
    quantity DECIMAL(28,9),
    unit VARCHAR,
    started_on DATE,
    ends_on DATE,
    usage_date DATE NOT NULL,
    pull_id VARCHAR NOT NULL
);
