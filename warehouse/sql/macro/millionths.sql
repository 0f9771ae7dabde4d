-- A quantity with six decimals as the whole number of millionths that it is; those below 10^12 faster.
CREATE OR REPLACE MACRO billing.millionths(quantity) AS
    CASE
        WHEN abs(quantity) < 1000000000000
            THEN CAST(CAST(CAST(quantity AS DECIMAL(18,6)) AS BIGINT) AS HUGEINT) * CAST(1000000 AS HUGEINT)
                + CAST(
                    CAST(CAST(quantity AS DECIMAL(18,6)) - CAST(CAST(quantity AS DECIMAL(18,6)) AS BIGINT) AS DECIMAL(9,6))
                    * CAST(1000000 AS DECIMAL(9,0)) AS HUGEINT
                )
        ELSE CAST(replace(CAST(CAST(quantity AS DECIMAL(20,6)) AS VARCHAR), '.', '') AS HUGEINT)
    END;
