-- A quantity with 9 decimals as the whole number of 10^-9 that it is.
CREATE OR REPLACE MACRO billing.nano(quantity) AS
    CAST(CAST(quantity AS DECIMAL(29,0)) AS HUGEINT) * CAST(1000000000 AS HUGEINT)
    + CAST(
        CAST(CAST(quantity AS DECIMAL(38,9)) - CAST(quantity AS DECIMAL(29,0)) AS DECIMAL(19,9))
        * CAST(1000000000 AS DECIMAL(19,0)) AS HUGEINT
    );
