-- n divided by d, rounded half away from zero. Both are whole, d is above zero.
CREATE OR REPLACE MACRO billing.half(n, d) AS
    CAST(sign(n) AS HUGEINT) * CAST(billing.half_up(abs(CAST(n AS HUGEINT)), d) AS HUGEINT);
