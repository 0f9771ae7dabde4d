-- The months that are being built: the latest build leaves here the last one it replaced.
-- grain: one month
-- key: month
-- asset: no, a step on the way to others
-- source: the days that were built
-- partition: none
CREATE TABLE IF NOT EXISTS ops.build_month (
    month DATE NOT NULL, -- its first day, as everywhere
    last_day DATE NOT NULL,
    metered_until DATE NOT NULL -- its last day on which, or after which, anything was landed
);
