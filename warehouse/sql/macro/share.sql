-- n times part divided by whole, rounded half away from zero. All are whole, whole is above zero. Only what
-- is left of n after whole parts meets part in a product, so that large amounts do not overflow.
CREATE OR REPLACE MACRO billing.share(n, part, whole) AS
    CAST(sign(n) AS HUGEINT) * CAST(sign(part) AS HUGEINT)
    * CAST(
        CAST(abs(CAST(n AS HUGEINT)) // CAST(whole AS HUGEINT) AS HUGEINT) * abs(CAST(part AS HUGEINT))
        + billing.half(
            CAST(abs(CAST(n AS HUGEINT)) % CAST(whole AS HUGEINT) AS HUGEINT) * abs(CAST(part AS HUGEINT)),
            whole
        ) AS HUGEINT
    );
