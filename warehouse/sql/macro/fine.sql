-- An amount with 15 decimals as the whole number of 10^-15 that it is; those up to ten millions faster.
CREATE OR REPLACE MACRO billing.fine(amount) AS
    CASE
        WHEN abs(amount) < 10000000
            THEN CAST(CAST(amount AS DECIMAL(22,15)) * CAST(1000000000000000 AS DECIMAL(16,0)) AS HUGEINT)
        ELSE CAST(CAST(amount AS DECIMAL(22,0)) AS HUGEINT) * CAST(1000000000000000 AS HUGEINT)
            + CAST(
                CAST(CAST(amount AS DECIMAL(37,15)) - CAST(amount AS DECIMAL(22,0)) AS DECIMAL(18,15))
                * CAST(1000000000000000 AS DECIMAL(19,0)) AS HUGEINT
            )
    END;
