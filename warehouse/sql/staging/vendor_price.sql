-- Prices a vendor tells by API, what we pay it and what its shop asks of customers.
-- grain: one price of one plan and term on one usage date
-- key: vendor, connection, product, plan, price_kind, term_months, currency, usage_date
-- source: one file a vendor in vendor_price/
-- partition: usage_date
-- rebuilds: 0..0
-- rounding: none
CREATE TABLE IF NOT EXISTS staging.vendor_price (
    vendor VARCHAR NOT NULL,
    connection VARCHAR NOT NULL,
    product VARCHAR NOT NULL,
    plan VARCHAR,
    price_kind VARCHAR NOT NULL, -- cost, renewal (what it costs us to renew), customer, list
    term_months INTEGER,
    currency VARCHAR,
    price DECIMAL(17,9) NOT NULL,
    usage_date DATE NOT NULL,
    pull_id VARCHAR NOT NULL
);
