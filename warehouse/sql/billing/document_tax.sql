-- The taxes of the issued documents, as the register holds them.
-- grain: one category and percent on one issued document
-- key: document_id, category, percent
-- asset: no, a step on the way to others
-- source: the register
-- partition: none
-- units: as billing.document
CREATE TABLE IF NOT EXISTS billing.document_tax (
    document_id VARCHAR NOT NULL,
    tax_code VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    category VARCHAR NOT NULL, -- EN 16931: S, Z, E, AE, K, G, O
    percent DECIMAL(7,4) NOT NULL,
    exemption_reason VARCHAR,
    taxable DECIMAL(18,4) NOT NULL,
    tax DECIMAL(18,4) NOT NULL
);
