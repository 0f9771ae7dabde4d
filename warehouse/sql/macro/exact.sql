-- A whole number of 10^-15 as the amount with 15 decimals that it is.
CREATE OR REPLACE MACRO billing.exact(fine) AS
    CAST(CAST(fine AS DECIMAL(38,0)) * CAST(0.000000000000001 AS DECIMAL(15,15)) AS DECIMAL(37,15));
