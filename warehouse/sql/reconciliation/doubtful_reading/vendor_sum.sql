-- What a vendor's own sum has more or less than its readings, as if it were a reading of the first product that
-- the meter is sold as: of which product it is, a sum does not say.
-- source: reconciliation.vendor_sum, billing.sold_meter
WITH
sold AS (
    SELECT month, vendor, meter, min(product) AS product
    FROM billing.sold_meter
    GROUP BY month, vendor, meter
)
SELECT
    differing.month,
    CASE differing.scope WHEN 'below' THEN 'R-08' ELSE 'R-52' END AS code,
    differing.vendor,
    differing.connection,
    differing.account_id,
    concat_ws(' ', differing.stream, differing.scope, differing.resource_id) AS subject,
    sold.product,
    differing.meter,
    differing.usage_date,
    CAST(abs(differing.told - differing.summed) AS DECIMAL(28,9)) AS quantity
FROM reconciliation.vendor_sum AS differing
INNER JOIN ops.build_month AS build
    ON build.month = differing.month
INNER JOIN sold
    ON sold.month = differing.month
    AND sold.vendor = differing.vendor
    AND sold.meter = differing.meter;
