-- n divided by d, a half rounded up. Both are whole, n is not below zero and d above it.
CREATE OR REPLACE MACRO billing.half_up(n, d) AS
    CAST(
        (CAST(n AS HUGEINT) * CAST(2 AS HUGEINT) + CAST(d AS HUGEINT)) // (CAST(d AS HUGEINT) * CAST(2 AS HUGEINT))
        AS HUGEINT
    );
