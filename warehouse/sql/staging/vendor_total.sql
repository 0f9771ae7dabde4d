-- What a vendor sums itself, for reconciliation: never billed, and never added to the readings that it sums.
-- grain: one figure of one meter of one scope on one usage date from one stream
-- key: vendor, connection, scope, account_id, resource_id, meter, stream, usage_date
-- source: one file a vendor in vendor_total/
-- partition: usage_date
-- rebuilds: 0..0
-- units: as in staging.usage_snapshot; a balance in its currency
-- rounding: none
CREATE TABLE IF NOT EXISTS staging.vendor_total (
    vendor VARCHAR NOT NULL,
    connection VARCHAR NOT NULL,
    scope VARCHAR NOT NULL, -- account: all that is the account's own; below: all of the accounts below it; resource
    account_id VARCHAR, -- null where the vendor names the resource alone
    resource_id VARCHAR, -- null unless the scope is resource
    resource_type VARCHAR, -- of the readings that are summed; null where it is a sum of something else
    meter VARCHAR NOT NULL,
    usage_date DATE NOT NULL,
    quantity DECIMAL(28,9) NOT NULL,
    unit VARCHAR NOT NULL,
    stream VARCHAR NOT NULL,
    pull_id VARCHAR NOT NULL,
    row_no BIGINT NOT NULL
);
