-- The lines of the issued documents, as the register holds them.
-- grain: one line of one issued document
-- key: document_id, line_no
-- asset: no, a step on the way to others
-- source: the register
-- partition: none
-- units: as billing.document; unit_price in price_currency
CREATE TABLE IF NOT EXISTS billing.document_line (
    document_id VARCHAR NOT NULL,
    month DATE NOT NULL, -- of the document
    line_no INTEGER NOT NULL,
    invoice_line_id VARCHAR NOT NULL, -- of the draft's line; a credit note's lines have ids of their own
    charge_line_id VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    customer_id VARCHAR NOT NULL,
    sku VARCHAR NOT NULL,
    dimension VARCHAR NOT NULL,
    tier_no INTEGER,
    service_period_start DATE NOT NULL,
    service_period_end DATE NOT NULL, -- the first day after it
    description VARCHAR NOT NULL,
    rule VARCHAR NOT NULL,
    quantity DECIMAL(20,6),
    unit VARCHAR,
    unit_price DECIMAL(17,9),
    price_currency VARCHAR,
    fx_rate DECIMAL(17,9),
    exact_amount DECIMAL(37,15) NOT NULL,
    amount DECIMAL(18,4) NOT NULL,
    cost_amount DECIMAL(37,15), -- null when no cost is known
    rate_card VARCHAR,
    contract_id VARCHAR,
    tax_class VARCHAR NOT NULL,
    tax_category VARCHAR NOT NULL,
    tax_percent DECIMAL(7,4) NOT NULL,
    charge_class VARCHAR NOT NULL, -- correction, or empty
    restates_month DATE, -- of a correction: the month it corrects
    restates_number VARCHAR, -- and the invoice, where that month had one
    days_expected INTEGER,
    days_reported INTEGER,
    days_filled INTEGER
);
