-- n times part divided by whole, cut off toward zero. All are whole, whole is above zero. As in share, pass
-- columns.
CREATE OR REPLACE MACRO billing.cut(n, part, whole) AS
    CAST(sign(n) AS HUGEINT) * CAST(sign(part) AS HUGEINT)
    * CAST(
        CASE
            WHEN abs(CAST(n AS HUGEINT)) < 10000000000000000000000 AND abs(CAST(part AS HUGEINT)) < 1000000000000000
                THEN (CAST(abs(CAST(n AS HUGEINT)) AS HUGEINT) * CAST(abs(CAST(part AS HUGEINT)) AS HUGEINT))
                    // CAST(whole AS HUGEINT)
            ELSE billing.wholes(n, part, whole) + billing.remains(n, part, whole) // CAST(whole AS HUGEINT)
        END AS HUGEINT
    );
