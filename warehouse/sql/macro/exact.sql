-- A whole number of 10^-15 as the amount with 15 decimals that it is; those up to ten millions faster.
CREATE OR REPLACE MACRO billing.exact(fine) AS
    CAST(
        CASE
            WHEN abs(fine) < 10000000000000000000000
                THEN CAST(fine AS DECIMAL(22,0)) * CAST(0.000000000000001 AS DECIMAL(15,15))
            ELSE CAST(CAST(fine AS HUGEINT) // CAST(1000000000000000 AS HUGEINT) AS DECIMAL(22,0))
                + CAST(CAST(fine AS HUGEINT) % CAST(1000000000000000 AS HUGEINT) AS DECIMAL(19,0))
                * CAST(0.000000000000001 AS DECIMAL(15,15))
        END AS DECIMAL(37,15)
    );
