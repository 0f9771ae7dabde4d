-- The months that the latest build replaced.
-- grain: one month
-- key: month
-- source: the days that were built
-- partition: none
CREATE TABLE IF NOT EXISTS ops.build_month (
    month DATE NOT NULL, -- its first day, as everywhere
    last_day DATE NOT NULL
);
