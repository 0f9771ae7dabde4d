-- What every customer and those below it cost, wherever it is billed: voided documents left out, credit
-- notes counted in.
-- grain: one SKU of one customer in one month, once for itself (depth 0) and once for each customer above it
-- key: month, customer_id, below_customer_id, billed_customer_id, currency, sku
-- source: billing.invoice_line, reference.customer
-- units: the invoice's currency
CREATE OR REPLACE VIEW billing.statement AS
WITH RECURSIVE
line AS (
    SELECT month, customer_id, billed_customer_id, currency, sku, CAST(sum(amount) AS DECIMAL(18,4)) AS amount
    FROM billing.invoice_line
    WHERE status <> 'voided'
    GROUP BY month, customer_id, billed_customer_id, currency, sku
),
-- The latest terms that hold in a month hold for all of it.
member AS (
    SELECT month, customer_id, name, parent_customer_id
    FROM (
        SELECT
            billed.month,
            customer.customer_id,
            customer.name,
            customer.parent_customer_id,
            row_number() OVER (
                PARTITION BY billed.month, customer.customer_id
                ORDER BY customer.valid_from DESC
            ) AS place
        FROM (SELECT DISTINCT month FROM line) AS billed
        INNER JOIN reference.customer AS customer
            ON customer.valid_from <= last_day(billed.month)
            AND (customer.valid_to IS NULL OR customer.valid_to > billed.month)
    ) AS dated
    WHERE place = 1
),
tree AS (
    SELECT DISTINCT month, customer_id AS below_customer_id, customer_id, 0 AS depth FROM line
    UNION ALL
    SELECT tree.month, tree.below_customer_id, member.parent_customer_id AS customer_id, tree.depth + 1 AS depth
    FROM tree
    INNER JOIN member
        ON member.month = tree.month
        AND member.customer_id = tree.customer_id
    WHERE member.parent_customer_id IS NOT NULL
)
SELECT
    tree.month,
    tree.customer_id,
    coalesce(above.name, tree.customer_id) AS customer_name,
    tree.depth,
    tree.below_customer_id,
    coalesce(below.name, tree.below_customer_id) AS below_customer_name,
    line.billed_customer_id,
    line.currency,
    line.sku,
    line.amount
FROM tree
INNER JOIN line
    ON line.month = tree.month
    AND line.customer_id = tree.below_customer_id
LEFT JOIN member AS above
    ON above.month = tree.month
    AND above.customer_id = tree.customer_id
LEFT JOIN member AS below
    ON below.month = tree.month
    AND below.customer_id = tree.below_customer_id;
