-- Of the size of n times part, what billing.wholes leaves to be divided by whole.
CREATE OR REPLACE MACRO billing.remains(n, part, whole) AS
    CAST(
        (
            CAST(abs(CAST(n AS HUGEINT)) % CAST(whole AS HUGEINT) AS HUGEINT)
            * CAST(abs(CAST(part AS HUGEINT)) // 1000000000000 AS HUGEINT)
        ) % CAST(whole AS HUGEINT) AS HUGEINT
    ) * CAST(1000000000000 AS HUGEINT)
    + CAST(abs(CAST(n AS HUGEINT)) % CAST(whole AS HUGEINT) AS HUGEINT)
    * CAST(abs(CAST(part AS HUGEINT)) % 1000000000000 AS HUGEINT);
