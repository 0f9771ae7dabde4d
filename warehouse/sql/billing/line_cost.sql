-- What the usage that a line stands for costs us: its part of the cost of its charge, by usage and by share of
-- the month. Lines are in the order of their first day, tier, and price before flat price.
-- grain: one line that stands for usage, of a charge whose cost is known
-- key: charge_id, place
-- asset: no, a step on the way to others
-- source: billing.rated_line, billing.charge_cost
-- partition: month
-- rebuilds: month
-- units: the currency of the invoice
-- rounding: cut off at the 15th decimal; the first line gets what is left
CREATE TABLE IF NOT EXISTS billing.line_cost (
    charge_id VARCHAR NOT NULL,
    month DATE NOT NULL,
    place BIGINT NOT NULL,
    cost DECIMAL(37,15) NOT NULL
);
WITH
line AS (
    SELECT rated.charge_id, rated.month, rated.place, rated.stands_for
    FROM billing.rated_line AS rated
    INNER JOIN ops.build_month AS build
        ON build.month = rated.month
    WHERE rated.place IS NOT NULL
),
standing AS (
    SELECT charge_id, month, sum(stands_for) AS total, count(*) AS lines, min(place) AS first_place
    FROM line
    GROUP BY charge_id, month
),
whole AS (
    SELECT standing.*, billing.fine(cost.cost) AS fine_cost
    FROM standing
    INNER JOIN billing.charge_cost AS cost
        ON cost.month = standing.month
        AND cost.charge_id = standing.charge_id
),
part AS (
    SELECT
        line.charge_id,
        line.month,
        line.place,
        line.place = whole.first_place AS is_first,
        whole.fine_cost,
        CASE
            WHEN whole.lines = 1 OR whole.total = 0 THEN 0
            ELSE billing.cut(whole.fine_cost, line.stands_for, whole.total)
        END AS fine_part
    FROM line
    INNER JOIN whole
        ON whole.charge_id = line.charge_id
),
summed AS (
    SELECT charge_id, sum(fine_part) AS fine_parts FROM part GROUP BY charge_id
),
complete AS (
    SELECT
        part.charge_id,
        part.month,
        part.place,
        CASE WHEN part.is_first THEN part.fine_cost - summed.fine_parts + part.fine_part ELSE part.fine_part END
            AS fine_share
    FROM part
    INNER JOIN summed
        ON summed.charge_id = part.charge_id
)
SELECT charge_id, month, place, billing.exact(fine_share) AS cost FROM complete;
