-- What a check doubts, with what it comes to at list price.
-- grain: one SKU and dimension of one meter of one account, for one doubt of one check in one month
-- key: month, code, vendor, connection, account_id, subject, product, meter, sku, dimension
-- asset: no, a step on the way to reconciliation.discrepancy
-- source: reconciliation.doubtful_usage, reconciliation.usage_at_list
CREATE OR REPLACE VIEW reconciliation.doubt_at_list AS
SELECT doubt.*, listed.rate_card, listed.currency, listed.amount
FROM reconciliation.doubtful_usage AS doubt
LEFT JOIN reconciliation.usage_at_list AS listed
    ON listed.month = doubt.month
    AND listed.reason = doubt.code
    AND listed.vendor = doubt.vendor
    AND listed.connection = doubt.connection
    AND listed.account_id = doubt.account_id
    AND listed.customer_id = doubt.customer_id
    AND listed.subject = concat_ws('|', doubt.subject, doubt.product, doubt.meter)
    AND listed.sku = doubt.sku
    AND listed.dimension = doubt.dimension;
