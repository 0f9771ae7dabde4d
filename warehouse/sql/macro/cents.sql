-- An amount with 15 decimals rounded to its currency's smallest unit, half away from zero.
CREATE OR REPLACE MACRO billing.cents(amount, minor_unit) AS
    CAST(
        CAST(
            billing.half(
                billing.fine(amount),
                CAST(CAST(minor_unit AS DECIMAL(5,4)) * CAST(10000 AS DECIMAL(5,0)) AS HUGEINT)
                * CAST(100000000000 AS HUGEINT)
            ) AS DECIMAL(19,0)
        ) * CAST(minor_unit AS DECIMAL(5,4)) AS DECIMAL(18,4)
    );
