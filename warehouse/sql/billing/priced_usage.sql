-- Usage with the prices it is to be rated by: billable usage by those of the customer it is billed to, all
-- usage by those of the vendor. What has no terms is not in it.
-- grain: one usage record on one side
-- key: side, usage_record_id
-- asset: no, a step on the way to others
-- source: billing.usage_record, billing.customer_terms, billing.cost_terms, reference.rate
CREATE OR REPLACE VIEW billing.priced_usage AS
SELECT
    'sell' AS side,
    record.month,
    record.usage_record_id,
    terms.billing_entity_id,
    terms.billed_customer_id,
    record.customer_id,
    '' AS vendor,
    '' AS connection,
    terms.currency,
    terms.rate_card,
    coalesce(own.customer_id, '') AS price_customer_id,
    terms.time_zone,
    record.sku,
    record.dimension,
    record.aggregation,
    record.quantity,
    record.days_expected,
    record.days_reported,
    record.days_filled,
    record.gap_policy
FROM billing.usage_record AS record
INNER JOIN billing.customer_terms AS terms
    ON terms.month = record.month
    AND terms.customer_id = record.customer_id
LEFT JOIN (
    SELECT DISTINCT rate_card, customer_id, sku FROM reference.rate WHERE customer_id <> ''
) AS own
    ON own.rate_card = terms.rate_card
    AND own.customer_id = terms.billed_customer_id
    AND own.sku = record.sku
WHERE record.billable
UNION ALL
SELECT
    'cost' AS side,
    record.month,
    record.usage_record_id,
    '' AS billing_entity_id,
    '' AS billed_customer_id,
    '' AS customer_id,
    record.vendor,
    record.connection,
    terms.currency,
    terms.rate_card,
    '' AS price_customer_id,
    'UTC' AS time_zone,
    record.sku,
    record.dimension,
    record.aggregation,
    record.quantity,
    record.days_expected,
    record.days_reported,
    record.days_filled,
    record.gap_policy
FROM billing.usage_record AS record
INNER JOIN billing.cost_terms AS terms
    ON terms.month = record.month
    AND terms.vendor = record.vendor
    AND terms.connection = record.connection;
