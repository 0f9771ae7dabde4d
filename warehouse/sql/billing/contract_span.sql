-- The days of a month that an item of a contract holds, and on which invoice they are charged: in arrears on that
-- of the month itself, in advance on the one before, the first month of an item on its own.
-- grain: one row of an item in one month of service, on one invoice
-- key: month, service_month, contract_id, item_id, valid_from
-- asset: no, a step on the way to billing.charge
-- source: reference.contract, reference.contract_item, billing.customer_terms
-- partition: month
-- rebuilds: month
-- units: quantity in the SKU's unit, unit_price a month in currency
-- rounding: none
CREATE TABLE IF NOT EXISTS billing.contract_span (
    month DATE NOT NULL, -- on whose invoice it stands
    service_month DATE NOT NULL,
    last_day DATE NOT NULL, -- of service_month
    first_day DATE NOT NULL,
    end_day DATE NOT NULL, -- the first day after it
    contract_id VARCHAR NOT NULL,
    contract_name VARCHAR NOT NULL,
    item_id VARCHAR NOT NULL,
    valid_from DATE NOT NULL, -- of the item
    sku VARCHAR NOT NULL,
    quantity DECIMAL(20,6) NOT NULL,
    unit_price DECIMAL(17,9) NOT NULL,
    billed VARCHAR NOT NULL, -- arrears or advance
    proration VARCHAR NOT NULL, -- of the last row of the item in the month, which has the rule for all
    customer_id VARCHAR NOT NULL,
    customer_name VARCHAR NOT NULL,
    billed_customer_id VARCHAR NOT NULL,
    billing_entity_id VARCHAR NOT NULL,
    currency VARCHAR NOT NULL,
    time_zone VARCHAR NOT NULL -- of the billing entity
);
WITH
served AS (
    SELECT month, month AS service_month, last_day FROM ops.build_month
    UNION ALL
    SELECT month, last_day + 1 AS service_month, last_day(last_day + 1) AS last_day FROM ops.build_month
),
-- The latest row of a contract that holds in a month says whose it is.
contracted AS (
    SELECT *
    FROM (
        SELECT
            served.month,
            served.service_month,
            contract.contract_id,
            contract.customer_id,
            contract.name,
            row_number() OVER (
                PARTITION BY served.month, served.service_month, contract.contract_id
                ORDER BY contract.valid_from DESC
            ) AS place
        FROM served
        INNER JOIN reference.contract AS contract
            ON contract.valid_from <= served.last_day
            AND (contract.valid_to IS NULL OR contract.valid_to > served.service_month)
    ) AS dated
    WHERE place = 1
),
begun AS (
    SELECT
        item.contract_id,
        item.item_id,
        date_trunc('month', min(greatest(item.valid_from, contract.valid_from))) AS first_month
    FROM reference.contract_item AS item
    INNER JOIN reference.contract AS contract
        ON contract.contract_id = item.contract_id
        AND (contract.valid_to IS NULL OR contract.valid_to > item.valid_from)
        AND (item.valid_to IS NULL OR item.valid_to > contract.valid_from)
    GROUP BY ALL
),
held AS (
    SELECT
        served.month,
        served.service_month,
        served.last_day,
        item.contract_id,
        item.item_id,
        item.valid_from,
        item.sku,
        item.quantity,
        item.unit_price,
        item.billed,
        item.proration,
        min(greatest(item.valid_from, contract.valid_from, served.service_month)) AS first_day,
        max(least(
            coalesce(item.valid_to, served.last_day + 1),
            coalesce(contract.valid_to, served.last_day + 1),
            served.last_day + 1
        )) AS end_day
    FROM served
    INNER JOIN reference.contract_item AS item
        ON item.valid_from <= served.last_day
        AND (item.valid_to IS NULL OR item.valid_to > served.service_month)
    INNER JOIN reference.contract AS contract
        ON contract.contract_id = item.contract_id
        AND contract.valid_from <= served.last_day
        AND (contract.valid_to IS NULL OR contract.valid_to > served.service_month)
        AND (contract.valid_to IS NULL OR contract.valid_to > item.valid_from)
        AND (item.valid_to IS NULL OR item.valid_to > contract.valid_from)
    GROUP BY ALL
),
ruled AS (
    SELECT
        held.* EXCLUDE (proration),
        row_number() OVER latest AS place,
        first_value(held.proration) OVER latest AS proration
    FROM held
    WINDOW latest AS (
        PARTITION BY held.month, held.service_month, held.contract_id, held.item_id
        ORDER BY held.first_day DESC
    )
)
SELECT
    ruled.month,
    ruled.service_month,
    ruled.last_day,
    -- Under `none` the last row holds for the whole month.
    CASE ruled.proration WHEN 'none' THEN ruled.service_month ELSE ruled.first_day END AS first_day,
    CASE ruled.proration WHEN 'none' THEN ruled.last_day + 1 ELSE ruled.end_day END AS end_day,
    ruled.contract_id,
    contracted.name AS contract_name,
    ruled.item_id,
    ruled.valid_from,
    ruled.sku,
    ruled.quantity,
    ruled.unit_price,
    ruled.billed,
    ruled.proration,
    contracted.customer_id,
    terms.customer_name,
    terms.billed_customer_id,
    terms.billing_entity_id,
    terms.currency,
    terms.time_zone
FROM ruled
INNER JOIN begun
    ON begun.contract_id = ruled.contract_id
    AND begun.item_id = ruled.item_id
INNER JOIN contracted
    ON contracted.month = ruled.month
    AND contracted.service_month = ruled.service_month
    AND contracted.contract_id = ruled.contract_id
INNER JOIN billing.customer_terms AS terms
    ON terms.month = ruled.month
    AND terms.customer_id = contracted.customer_id
WHERE (ruled.proration <> 'none' OR ruled.place = 1)
    AND CASE
        WHEN ruled.billed = 'arrears' OR ruled.service_month = begun.first_month THEN ruled.service_month = ruled.month
        ELSE ruled.service_month > ruled.month
    END;
