-- n times part divided by whole, cut off toward zero. All are whole, whole is above zero. Where the product
-- might overflow, only what is left of n after whole parts meets part in it. As in share, pass columns.
CREATE OR REPLACE MACRO billing.cut(n, part, whole) AS
    CAST(sign(n) AS HUGEINT) * CAST(sign(part) AS HUGEINT)
    * CAST(
        CASE
            WHEN abs(CAST(n AS HUGEINT)) < 10000000000000000000000 AND abs(CAST(part AS HUGEINT)) < 1000000000000000
                THEN (abs(CAST(n AS HUGEINT)) * abs(CAST(part AS HUGEINT))) // CAST(whole AS HUGEINT)
            ELSE CAST(abs(CAST(n AS HUGEINT)) // CAST(whole AS HUGEINT) AS HUGEINT) * abs(CAST(part AS HUGEINT))
                + (CAST(abs(CAST(n AS HUGEINT)) % CAST(whole AS HUGEINT) AS HUGEINT) * abs(CAST(part AS HUGEINT)))
                // CAST(whole AS HUGEINT)
        END AS HUGEINT
    );
