-- Of the size of n times part, what the first steps of its division by whole give: the wholes in n times part,
-- and those in the rest of n times the millions of millions in part. The last step divides billing.remains.
CREATE OR REPLACE MACRO billing.wholes(n, part, whole) AS
    CAST(abs(CAST(n AS HUGEINT)) // CAST(whole AS HUGEINT) AS HUGEINT) * CAST(abs(CAST(part AS HUGEINT)) AS HUGEINT)
    + CAST(
        (
            CAST(abs(CAST(n AS HUGEINT)) % CAST(whole AS HUGEINT) AS HUGEINT)
            * CAST(abs(CAST(part AS HUGEINT)) // 1000000000000 AS HUGEINT)
        ) // CAST(whole AS HUGEINT) AS HUGEINT
    ) * CAST(1000000000000 AS HUGEINT);
