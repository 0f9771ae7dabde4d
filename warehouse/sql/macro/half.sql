-- n divided by d, rounded half away from zero. Both are whole, d is above zero.
CREATE OR REPLACE MACRO billing.half(n, d) AS
    CAST(sign(n) AS HUGEINT)
    * CAST((abs(CAST(n AS HUGEINT)) + abs(CAST(n AS HUGEINT)) + CAST(d AS HUGEINT)) // (CAST(d AS HUGEINT) + CAST(d AS HUGEINT)) AS HUGEINT);
