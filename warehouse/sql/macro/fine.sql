-- An amount with 15 decimals as the whole number of 10^-15 that it is.
CREATE OR REPLACE MACRO billing.fine(amount) AS
    CAST(CAST(amount AS DECIMAL(22,0)) AS HUGEINT) * CAST(1000000000000000 AS HUGEINT)
    + CAST(
        CAST(CAST(amount AS DECIMAL(37,15)) - CAST(amount AS DECIMAL(22,0)) AS DECIMAL(18,15))
        * CAST(1000000000000000 AS DECIMAL(19,0)) AS HUGEINT
    );
