-- The quantity in the tiers of the prices in force, and what each comes to. A negative quantity is the
-- mirror image of the same positive one, with nothing included.
-- grain: one component of one price of one quantity; those that hold nothing have none
-- key: charge_id, first_day, tier_no, component
-- asset: no, a step on the way to others
-- source: billing.rated_quantity, billing.tier_in_force
-- partition: month
-- rebuilds: month
-- units: amounts in the currency of the rate card
-- rounding: amount, weighted, once to 15 decimals, half away from zero
CREATE TABLE IF NOT EXISTS billing.rated_tier (
    charge_id VARCHAR NOT NULL,
    month DATE NOT NULL,
    side VARCHAR NOT NULL,
    price_id VARCHAR NOT NULL,
    first_day DATE NOT NULL,
    tier_no INTEGER NOT NULL,
    component VARCHAR NOT NULL,
    quantity DECIMAL(20,6) NOT NULL, -- times the price is the amount, before weighting
    used DECIMAL(20,6) NOT NULL, -- of the usage, how much it stands for
    weight_part INTEGER NOT NULL,
    weight_whole INTEGER NOT NULL,
    month_amount DECIMAL(37,15) NOT NULL, -- for a whole month
    amount DECIMAL(37,15) NOT NULL -- weighted with the share of the month
);
WITH
sized AS (
    SELECT
        rated.charge_id,
        CAST(abs(rated.quantity) AS DECIMAL(20,6)) AS size,
        CASE WHEN rated.quantity < 0 THEN -1 ELSE 1 END AS direction,
        CASE WHEN rated.quantity < 0 OR tier.model = 'flat' THEN CAST(0 AS DECIMAL(20,6))
            ELSE least(
                rated.quantity,
                CAST(
                    CAST(tier.included AS DECIMAL(20,6)) * CAST(rated.customers AS DECIMAL(10,0)) AS DECIMAL(20,6)
                )
            )
        END AS free,
        tier.*
    FROM billing.rated_quantity AS rated
    INNER JOIN ops.build_month AS build
        ON build.month = rated.month
    INNER JOIN billing.tier_in_force AS tier
        ON tier.month = rated.month
        AND tier.price_id = rated.price_id
    WHERE rated.days_expected IS NOT NULL -- only a percentage needs no usage
),
paid AS (
    SELECT *, CAST(size - free AS DECIMAL(20,6)) AS paid FROM sized
),
tiered AS (
    SELECT
        *,
        CAST(CASE
            WHEN component = 'included' THEN free
            WHEN model = 'flat' THEN 1
            WHEN paid <= tier_from THEN 0
            WHEN model = 'volume' AND paid > tier_to THEN 0
            WHEN component = 'once' THEN 1
            WHEN model = 'graduated' THEN least(paid, coalesce(tier_to, paid)) - tier_from
            WHEN model = 'package' THEN CAST((
                CAST(CAST(paid AS DECIMAL(20,6)) * CAST(1000000 AS DECIMAL(7,0)) AS HUGEINT)
                + CAST(CAST(package_size AS DECIMAL(20,6)) * CAST(1000000 AS DECIMAL(7,0)) AS HUGEINT) - 1
            ) // CAST(CAST(package_size AS DECIMAL(20,6)) * CAST(1000000 AS DECIMAL(7,0)) AS HUGEINT) AS DECIMAL(20,6))
            ELSE paid
        END AS DECIMAL(20,6)) AS holds
    FROM paid
),
signed AS (
    SELECT
        *,
        CAST(CASE WHEN direction < 0 AND model <> 'flat' THEN -holds ELSE holds END AS DECIMAL(20,6)) AS quantity,
        CAST(CASE
            WHEN component = 'once' THEN 0
            WHEN model IN ('flat', 'package') AND component <> 'included' THEN paid
            ELSE holds
        END AS DECIMAL(20,6)) AS used
    FROM tiered
    WHERE holds <> 0
),
multiplied AS (
    SELECT *, CAST(quantity AS DECIMAL(20,6)) * CAST(unit_price AS DECIMAL(17,9)) AS month_amount FROM signed
)
SELECT
    charge_id,
    month,
    side,
    price_id,
    first_day,
    tier_no,
    component,
    quantity,
    used,
    weight_part,
    weight_whole,
    month_amount,
    billing.shared(month_amount, weight_part, weight_whole) AS amount
FROM multiplied;
