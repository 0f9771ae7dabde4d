-- n times part divided by whole, rounded half away from zero. All are whole, whole is above zero. Where the
-- product might overflow it is divided in steps, as by hand: n less its wholes, times part in two halves. An
-- argument stands here several times, and a division takes half a microsecond: pass columns, not terms.
CREATE OR REPLACE MACRO billing.share(n, part, whole) AS
    CAST(sign(n) AS HUGEINT) * CAST(sign(part) AS HUGEINT)
    * CAST(
        CASE
            WHEN abs(CAST(n AS HUGEINT)) < 10000000000000000000000 AND abs(CAST(part AS HUGEINT)) < 1000000000000000
                THEN billing.half_up(
                    CAST(abs(CAST(n AS HUGEINT)) AS HUGEINT) * CAST(abs(CAST(part AS HUGEINT)) AS HUGEINT), whole
                )
            ELSE billing.wholes(n, part, whole) + billing.half_up(billing.remains(n, part, whole), whole)
        END AS HUGEINT
    );
