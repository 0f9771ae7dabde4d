-- Which usage records a priced quantity is made of.
-- grain: one usage record on one side
-- key: side, usage_record_id
-- asset: no, a step on the way to others
-- source: billing.charged_usage
-- partition: month
-- rebuilds: month
-- units: the SKU's
-- rounding: none
CREATE TABLE IF NOT EXISTS billing.charge_usage (
    charge_id VARCHAR NOT NULL, -- of billing.rated_quantity
    usage_record_id VARCHAR NOT NULL,
    month DATE NOT NULL,
    side VARCHAR NOT NULL, -- sell or cost
    customer_id VARCHAR NOT NULL, -- whose usage it is; '' on the cost side
    currency VARCHAR NOT NULL, -- of the invoice, or of the cost card
    aggregation VARCHAR NOT NULL,
    quantity DECIMAL(20,6) NOT NULL
);
SELECT
    usage.charge_id,
    usage.usage_record_id,
    usage.month,
    usage.side,
    usage.customer_id,
    usage.currency,
    usage.aggregation,
    usage.quantity
FROM billing.charged_usage AS usage
INNER JOIN ops.build_month AS build
    ON build.month = usage.month;
