-- The prices that a quantity is rated by: each is applied to all of it, and weighted with its share of the month.
-- grain: one price of one quantity
-- key: charge_id, first_day
-- asset: no, a step on the way to others
-- source: billing.rated_quantity, billing.price_in_force
CREATE OR REPLACE VIEW billing.price_period AS
SELECT
    rated.charge_id,
    rated.month,
    price.first_day,
    price.end_day,
    price.rate_card,
    price.rate_customer_id AS customer_id,
    price.sku,
    price.rate_dimension AS dimension,
    price.rate_valid_from AS valid_from,
    price.model,
    price.weight_part,
    price.weight_whole
FROM billing.rated_quantity AS rated
INNER JOIN billing.price_in_force AS price
    ON price.price_id = rated.price_id
WHERE price.weight_part > 0
    AND price.model IS NOT NULL;
