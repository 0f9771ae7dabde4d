-- What a vendor charged us, as told by API. Neither Infrascale nor Redstor does, so it has no rows of theirs.
-- grain: one transaction
-- key: vendor, connection, transaction_id
-- source: one file a vendor in vendor_transaction/
-- partition: none
CREATE TABLE IF NOT EXISTS staging.vendor_transaction (
    vendor VARCHAR NOT NULL,
    connection VARCHAR NOT NULL,
    transaction_id VARCHAR NOT NULL,
    occurred_at TIMESTAMPTZ NOT NULL,
    kind VARCHAR NOT NULL,
    order_id VARCHAR,
    product VARCHAR,
    currency VARCHAR NOT NULL,
    amount DECIMAL(18,4) NOT NULL,
    tax_amount DECIMAL(18,4),
    description VARCHAR,
    pull_id VARCHAR NOT NULL
);
