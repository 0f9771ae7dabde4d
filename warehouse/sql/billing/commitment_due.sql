-- The commitments that are due on the invoices of a month: each month's, and those of a term that ends in it.
-- grain: one commitment in one month
-- key: month, contract_id, commitment_id
-- asset: no, a step on the way to billing.charge
-- source: reference.commitment, reference.contract, billing.customer_terms
-- partition: month
-- rebuilds: month
-- units: amount in currency
-- rounding: none
CREATE TABLE IF NOT EXISTS billing.commitment_due (
    month DATE NOT NULL, -- on whose invoice it stands
    contract_id VARCHAR NOT NULL,
    commitment_id VARCHAR NOT NULL,
    contract_name VARCHAR NOT NULL,
    sku VARCHAR NOT NULL, -- * for all
    period VARCHAR NOT NULL, -- month or term
    begins DATE NOT NULL, -- the first day whose charges count
    ends DATE NOT NULL, -- the last one
    amount DECIMAL(18,4) NOT NULL,
    customer_id VARCHAR NOT NULL,
    customer_name VARCHAR NOT NULL,
    billed_customer_id VARCHAR NOT NULL,
    billing_entity_id VARCHAR NOT NULL,
    currency VARCHAR NOT NULL
);
WITH
held AS (
    SELECT
        build.month,
        build.last_day,
        commitment.*,
        contract.customer_id,
        contract.name AS contract_name,
        row_number() OVER (
            PARTITION BY build.month, commitment.contract_id, commitment.commitment_id
            ORDER BY commitment.valid_from DESC, contract.valid_from DESC
        ) AS place
    FROM reference.commitment AS commitment
    INNER JOIN ops.build_month AS build
        ON commitment.valid_from <= build.last_day
        AND (commitment.valid_to IS NULL OR commitment.valid_to > build.month)
    INNER JOIN reference.contract AS contract
        ON contract.contract_id = commitment.contract_id
        AND contract.valid_from <= build.last_day
        AND (contract.valid_to IS NULL OR contract.valid_to > build.month)
    WHERE commitment.period = 'month'
        OR commitment.valid_to <= build.last_day + 1
)
SELECT
    held.month,
    held.contract_id,
    held.commitment_id,
    held.contract_name,
    held.sku,
    held.period,
    CASE held.period WHEN 'term' THEN held.valid_from ELSE held.month END AS begins,
    held.last_day AS ends,
    held.amount,
    held.customer_id,
    terms.customer_name,
    terms.billed_customer_id,
    terms.billing_entity_id,
    terms.currency
FROM held
INNER JOIN billing.customer_terms AS terms
    ON terms.month = held.month
    AND terms.customer_id = held.customer_id
WHERE held.place = 1;
