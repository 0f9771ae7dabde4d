-- n times part divided by whole, cut off toward zero. All are whole, whole is above zero. Only what is left
-- of n after whole parts meets part in a product, so that large amounts do not overflow.
CREATE OR REPLACE MACRO billing.cut(n, part, whole) AS
    CAST(sign(n) AS HUGEINT) * CAST(sign(part) AS HUGEINT)
    * CAST(
        CAST(abs(CAST(n AS HUGEINT)) // CAST(whole AS HUGEINT) AS HUGEINT) * abs(CAST(part AS HUGEINT))
        + (CAST(abs(CAST(n AS HUGEINT)) % CAST(whole AS HUGEINT) AS HUGEINT) * abs(CAST(part AS HUGEINT)))
        // CAST(whole AS HUGEINT) AS HUGEINT
    );
