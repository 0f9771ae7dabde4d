-- What a vendor charged us and what we paid, as it tells by API or on an invoice that somebody brought.
-- grain: one transaction
-- key: vendor, connection, transaction_id
-- source: one file a vendor in vendor_transaction/
-- partition: usage_date
-- rebuilds: 0..0
-- units: money as told by API: a charge to our account is negative; the line of an invoice positive
-- rounding: none
CREATE TABLE IF NOT EXISTS staging.vendor_transaction (
    vendor VARCHAR NOT NULL,
    connection VARCHAR NOT NULL,
    transaction_id VARCHAR NOT NULL,
    occurred_at TIMESTAMPTZ NOT NULL,
    kind VARCHAR NOT NULL,
    order_id VARCHAR,
    product VARCHAR,
    currency VARCHAR NOT NULL,
    amount DECIMAL(28,9) NOT NULL,
    tax_amount DECIMAL(28,9),
    description VARCHAR,
    document_number VARCHAR, -- of the invoice; this and the following where an invoice says it
    account_id VARCHAR,
    sku VARCHAR, -- ours, as the mapping of the file names it
    dimension VARCHAR,
    service_start DATE,
    service_end DATE, -- the first day after it
    quantity DECIMAL(28,9),
    unit VARCHAR,
    unit_price DECIMAL(18,9),
    usage_date DATE NOT NULL, -- of occurred_at, in the billing zone; of a file the day it was brought for
    pull_id VARCHAR NOT NULL,
    row_no BIGINT
);
