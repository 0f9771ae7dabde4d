-- What was metered of each owner and meter, in the unit that the SKU is sold in. Null is unknown, never none.
-- grain: one owner and sold meter in one month, on trial or not
-- key: month, owner, on_trial, sold
-- asset: no, a step on the way to others
-- source: billing.metered_figure, billing.sold_meter, billing.usage_owner
-- partition: month
-- rebuilds: month
-- units: the SKU's
-- rounding: once, to a multiple of the SKU's quantity_step, as its rounding says
CREATE TABLE IF NOT EXISTS billing.metered_quantity (
    month DATE NOT NULL,
    owner INTEGER NOT NULL,
    on_trial BOOLEAN NOT NULL,
    sold INTEGER NOT NULL,
    quantity DECIMAL(20,6),
    days_expected INTEGER NOT NULL,
    days_reported INTEGER NOT NULL,
    readings BIGINT NOT NULL,
    why_unknown VARCHAR
);
WITH
ruled AS (
    SELECT DISTINCT * EXCLUDE (product, size) FROM billing.sold_meter
),
named AS NOT MATERIALIZED (
    SELECT
        figure.month,
        figure.owner,
        figure.on_trial,
        figure.sold,
        figure.highest,
        figure.size,
        figure.days_reported,
        ruled.aggregation,
        ruled.term_months,
        ruled.vendor,
        ruled.meter,
        ruled.sku,
        ruled.dimension,
        owner.connection,
        coalesce(owner.customer_id, '') AS customer_id,
        coalesce(owner.excluded, '') AS excluded,
        coalesce(owner.unmapped_account_id, '') AS unmapped_account_id
    FROM billing.metered_figure AS figure
    INNER JOIN ruled
        ON ruled.month = figure.month
        AND ruled.sold = figure.sold
    INNER JOIN billing.usage_owner AS owner
        ON owner.month = figure.month
        AND owner.owner = figure.owner
),
-- The highest day of the months before, of the same customer's same usage sold as the same.
earlier AS (
    SELECT now.month, now.owner, now.on_trial, now.sold, max(CAST(billing.nano(past.highest) AS HUGEINT) * CAST(past.size AS HUGEINT)) AS highest
    FROM named AS now
    INNER JOIN ops.build_month AS build
        ON build.month = now.month
    INNER JOIN named AS past
        ON past.vendor = now.vendor
        AND past.meter = now.meter
        AND past.sku = now.sku
        AND past.dimension = now.dimension
        AND past.connection = now.connection
        AND past.customer_id = now.customer_id
        AND past.excluded = now.excluded
        AND past.unmapped_account_id = now.unmapped_account_id
        AND past.on_trial = now.on_trial
        AND past.month < now.month
        AND date_diff('month', past.month, now.month) < now.term_months
    WHERE now.aggregation = 'high_water'
        AND past.days_reported > 0
        AND past.aggregation NOT IN ('count', 'unique_count') -- whose gaps are not filled
    GROUP BY now.month, now.owner, now.on_trial, now.sold
),
covered AS (
    SELECT
        figure.month,
        figure.owner,
        figure.on_trial,
        figure.sold,
        figure.days_expected,
        figure.days_reported,
        figure.readings,
        CASE
            WHEN ruled.aggregation = 'high_water' AND earlier.highest > figure.figure THEN earlier.highest
            ELSE figure.figure
        END AS figure,
        ruled.part,
        CAST(ruled.whole AS HUGEINT) * CAST(figure.divisor AS HUGEINT) AS whole,
        ruled.step_millionths,
        ruled.rounding,
        CASE
            WHEN figure.days_reported = 0
                THEN 'no day of it was reported by every stream it comes from'
            WHEN ruled.gap_policy = 'fail' AND figure.days_reported < figure.days_expected
                THEN concat(
                    'only ', CAST(figure.days_reported AS VARCHAR), ' of ', CAST(figure.days_expected AS VARCHAR),
                    ' days were reported, and the gap policy of the meter is fail'
                )
            WHEN CAST(figure.days_reported AS HUGEINT) * CAST(1000000 AS HUGEINT)
                < CAST(
                    CAST(ruled.min_coverage AS DECIMAL(7,4)) * CAST(10000 AS DECIMAL(19,0)) AS HUGEINT
                ) * CAST(figure.days_expected AS HUGEINT)
                THEN concat(
                    'only ', CAST(figure.days_reported AS VARCHAR), ' of ', CAST(figure.days_expected AS VARCHAR),
                    ' days were reported, less than the ', rtrim(rtrim(CAST(ruled.min_coverage AS VARCHAR), '0'), '.'),
                    ' % that the meter needs'
                )
        END AS why_unknown
    FROM billing.metered_figure AS figure
    INNER JOIN ops.build_month AS build
        ON build.month = figure.month
    INNER JOIN ruled
        ON ruled.month = figure.month
        AND ruled.sold = figure.sold
    LEFT JOIN earlier
        ON earlier.month = figure.month
        AND earlier.owner = figure.owner
        AND earlier.on_trial = figure.on_trial
        AND earlier.sold = figure.sold
),
-- In whole steps. Up is away from zero, as half is: one more where anything is left over.
stepped AS (
    SELECT
        *,
        CASE rounding
            WHEN 'half' THEN billing.share(figure, part, whole)
            ELSE billing.cut(figure, part, whole)
        END
        + CASE
            WHEN rounding = 'up'
                AND CAST(CAST(figure % whole AS HUGEINT) * CAST(part AS HUGEINT) AS HUGEINT) % whole <> 0
                THEN CAST(sign(figure) AS HUGEINT)
            ELSE CAST(0 AS HUGEINT)
        END AS steps
    FROM covered
)
SELECT
    month,
    owner,
    on_trial,
    sold,
    CASE WHEN why_unknown IS NULL
        THEN CAST(
            CAST(CAST(steps AS HUGEINT) * CAST(step_millionths AS HUGEINT) AS DECIMAL(26,0))
            * CAST(0.000001 AS DECIMAL(6,6)) AS DECIMAL(20,6)
        )
    END AS quantity,
    days_expected,
    days_reported,
    readings,
    why_unknown
FROM stepped;
