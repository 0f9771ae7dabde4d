-- What each check sees, before tolerances: a SELECT each, in the folder of this name. Their headers say what
-- they look for and what it stops; see reconciliation.check_catalogue.
-- grain: one thing that does not add up
-- key: none
-- asset: no, a step on the way to reconciliation.finding
-- source: see each check
-- partition: month
-- rebuilds: month
-- units: expected and actual in unit, amount in currency
-- rounding: none
CREATE TABLE IF NOT EXISTS reconciliation.discrepancy (
    code VARCHAR NOT NULL,
    month DATE NOT NULL,
    billing_entity_id VARCHAR,
    billed_customer_id VARCHAR,
    vendor VARCHAR,
    connection VARCHAR,
    account_id VARCHAR,
    customer_id VARCHAR,
    sku VARCHAR,
    subject VARCHAR, -- what else tells two findings of one check apart; never a figure
    direction VARCHAR, -- null: as the catalogue has it
    stops VARCHAR, -- likewise
    unit VARCHAR,
    expected DECIMAL(38,9),
    actual DECIMAL(38,9),
    currency VARCHAR,
    amount DECIMAL(37,15), -- the money at risk; null when none is known
    sentence VARCHAR NOT NULL -- what is wrong, and what to do
);
