-- Issued invoices that were not voided: what customers have been asked to pay, credit notes aside.
-- grain: one issued invoice
-- key: document_id
-- asset: no, a step on the way to others
-- source: billing.document, billing.voided_document
-- units: as billing.document
CREATE OR REPLACE VIEW billing.live_invoice AS
SELECT document.*
FROM billing.document AS document
LEFT JOIN billing.voided_document AS voided
    ON voided.document_id = document.document_id
WHERE document.kind = 'invoice'
    AND voided.document_id IS NULL;
