-- An amount with 15 decimals as the whole number of 10^-15 that it is: by way of its digits, for a division of
-- numbers of that size takes longer.
CREATE OR REPLACE MACRO billing.fine(amount) AS
    CAST(replace(CAST(CAST(amount AS DECIMAL(37,15)) AS VARCHAR), '.', '') AS HUGEINT);
