-- A whole number of 10^-15 as the amount with 15 decimals that it is: by way of its digits where a product would
-- have more than 38 of them.
CREATE OR REPLACE MACRO billing.exact(fine) AS
    coalesce(
        CAST(
            CAST(TRY_CAST(fine AS DECIMAL(22,0)) AS DECIMAL(22,0)) * CAST(0.000000000000001 AS DECIMAL(15,15))
            AS DECIMAL(37,15)
        ),
        CAST(regexp_replace(CAST(fine AS VARCHAR), '(\d{15})$', '.\1') AS DECIMAL(37,15))
    );
