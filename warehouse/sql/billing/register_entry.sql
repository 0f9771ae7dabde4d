-- Every entry of the register, in its order: what was decided about invoices and months, by whom and why.
-- grain: one entry
-- key: seq
-- source: the register
-- partition: none
CREATE TABLE IF NOT EXISTS billing.register_entry (
    seq BIGINT NOT NULL,
    kind VARCHAR NOT NULL, -- review, issue, void, credit, waive, close, reopen, findings, acknowledge, waive_finding
    subject VARCHAR NOT NULL, -- review: an invoice_id, issue, credit and void: a document_id, waive: a restatement_id; of a finding: its fingerprint
    month DATE,
    billing_entity_id VARCHAR,
    by_person VARCHAR NOT NULL,
    recorded_at TIMESTAMPTZ NOT NULL,
    reason VARCHAR,
    body VARCHAR NOT NULL, -- JSON; of a review content_sha256; for a waive see billing.restatement_waiver
    sha256 VARCHAR NOT NULL
);
