-- n times part divided by whole, rounded half away from zero. All are whole, whole is above zero. Where the
-- product might overflow, only what is left of n after whole parts meets part in it. An argument stands in it
-- several times and a division takes half a microsecond: pass columns, not terms.
CREATE OR REPLACE MACRO billing.share(n, part, whole) AS
    CAST(sign(n) AS HUGEINT) * CAST(sign(part) AS HUGEINT)
    * CAST(
        CASE
            WHEN abs(CAST(n AS HUGEINT)) < 10000000000000000000000 AND abs(CAST(part AS HUGEINT)) < 1000000000000000
                THEN billing.half(abs(CAST(n AS HUGEINT)) * abs(CAST(part AS HUGEINT)), whole)
            ELSE CAST(abs(CAST(n AS HUGEINT)) // CAST(whole AS HUGEINT) AS HUGEINT) * abs(CAST(part AS HUGEINT))
                + billing.half(
                    CAST(abs(CAST(n AS HUGEINT)) % CAST(whole AS HUGEINT) AS HUGEINT) * abs(CAST(part AS HUGEINT)),
                    whole
                )
        END AS HUGEINT
    );
