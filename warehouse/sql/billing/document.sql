-- Every document that was issued, as the register holds it: invoices, also voided ones, and credit notes.
-- grain: one issued document
-- key: document_id
-- source: the register
-- partition: none
-- units: the document's currency; a credit note takes back, so its amounts have the opposite sign of the
--     invoice's: all documents of a customer add up to what is asked of it
CREATE TABLE IF NOT EXISTS billing.document (
    document_id VARCHAR NOT NULL, -- an invoice keeps the invoice_id of its draft
    seq BIGINT NOT NULL, -- of its entry in the register
    number VARCHAR NOT NULL,
    kind VARCHAR NOT NULL, -- invoice, credit_note
    billing_entity_id VARCHAR NOT NULL,
    billed_customer_id VARCHAR NOT NULL,
    billed_customer_name VARCHAR NOT NULL,
    currency VARCHAR NOT NULL,
    month DATE NOT NULL, -- a credit note has its invoice's
    period_start DATE NOT NULL,
    period_end DATE NOT NULL, -- the first day after it
    issue_date DATE NOT NULL,
    due_date DATE NOT NULL,
    po_number VARCHAR,
    reference_number VARCHAR, -- of the invoice that a credit note takes back
    reason VARCHAR, -- why a credit note was given
    lines INTEGER NOT NULL,
    net DECIMAL(18,4) NOT NULL,
    tax DECIMAL(18,4) NOT NULL,
    total DECIMAL(18,4) NOT NULL,
    prepared_by VARCHAR NOT NULL,
    issued_by VARCHAR NOT NULL,
    issued_at TIMESTAMPTZ NOT NULL,
    sha256 VARCHAR NOT NULL -- of the document's bytes in the register
);
