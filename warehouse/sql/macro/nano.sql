-- A quantity with 9 decimals as the whole number of 10^-9 that it is: by way of its digits, for a division of
-- numbers of that size takes five times as long.
CREATE OR REPLACE MACRO billing.nano(quantity) AS
    CAST(replace(CAST(CAST(quantity AS DECIMAL(38,9)) AS VARCHAR), '.', '') AS HUGEINT);
