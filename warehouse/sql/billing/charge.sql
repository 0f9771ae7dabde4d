-- Every exact charge of a month, before cents: usage by price and tier, what a contract charges, what a
-- discount takes off, and what is missing to a commitment. Each SELECT reads what the ones before it wrote.
-- grain: one charge
-- key: charge_line_id
-- source: billing.rated_tier, billing.rated_limit, billing.rated_cost_plus, billing.rated_percentage,
--     billing.charge_cost, billing.fx_in_force, billing.contract_span, billing.commitment_due, reference.discount
-- partition: month
-- rebuilds: month
-- units: amounts in the currency of the invoice; the price in that of the rate card
-- rounding: each percentage, share of a month, conversion to 15 decimals, half away from zero
CREATE TABLE IF NOT EXISTS billing.charge (
    charge_line_id VARCHAR NOT NULL,
    charge_id VARCHAR, -- of billing.rated_quantity; null when it is not for usage
    month DATE NOT NULL, -- on whose invoice it stands
    billing_entity_id VARCHAR NOT NULL,
    billed_customer_id VARCHAR NOT NULL,
    customer_id VARCHAR NOT NULL,
    currency VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    sku VARCHAR NOT NULL, -- '' when it is for all
    dimension VARCHAR NOT NULL,
    tier_no INTEGER NOT NULL,
    service_period_start DATE NOT NULL,
    service_period_end DATE NOT NULL, -- the first day after it
    description VARCHAR NOT NULL,
    rule VARCHAR NOT NULL,
    quantity DECIMAL(20,6) NOT NULL,
    unit VARCHAR NOT NULL,
    unit_price DECIMAL(17,9), -- null for what has none, as a percentage
    price_currency VARCHAR NOT NULL,
    fx_rate DECIMAL(17,9), -- null in the same currency
    exact_amount DECIMAL(37,15) NOT NULL,
    cost_amount DECIMAL(37,15), -- null when it is not known, or there is none
    rate_card VARCHAR,
    contract_id VARCHAR,
    tax_class VARCHAR NOT NULL,
    days_expected INTEGER,
    days_reported INTEGER,
    days_filled INTEGER
);
