-- The costs of usage records do not add up to what the vendor should charge for them.
SELECT vendor.charge_id, vendor.cost, sum(usage.cost) AS shared
FROM billing.vendor_cost AS vendor
INNER JOIN ops.build_month AS build
    ON build.month = vendor.month
INNER JOIN billing.usage_cost AS usage
    ON usage.charge_id = vendor.charge_id
GROUP BY vendor.charge_id, vendor.cost
HAVING sum(usage.cost) <> vendor.cost;
