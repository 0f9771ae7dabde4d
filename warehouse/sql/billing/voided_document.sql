-- Issued documents that were voided since. Their numbers are not used again.
-- grain: one voided document
-- key: document_id
-- asset: no, a step on the way to others
-- source: billing.document, billing.register_entry
CREATE OR REPLACE VIEW billing.voided_document AS
SELECT
    document.document_id,
    document.number,
    entry.seq,
    entry.by_person AS voided_by,
    entry.recorded_at AS voided_at,
    entry.reason
FROM billing.register_entry AS entry
INNER JOIN billing.document AS document
    ON document.document_id = entry.subject
WHERE entry.kind = 'void';
