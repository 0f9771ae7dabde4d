-- What the tiers of a price stand for, with what is included, does not add up to the quantity.
SELECT rated.charge_id, tier.first_day, rated.quantity, sum(tier.used) AS used
FROM billing.rated_quantity AS rated
INNER JOIN ops.build_month AS build
    ON build.month = rated.month
INNER JOIN billing.rated_tier AS tier
    ON tier.charge_id = rated.charge_id
GROUP BY rated.charge_id, tier.first_day, rated.quantity
HAVING sum(tier.used) <> abs(rated.quantity);
