-- An amount with 15 decimals rounded to its currency's smallest unit, half away from zero.
CREATE OR REPLACE MACRO billing.cents(amount, minor_unit) AS
    CAST(
        CAST(billing.half(billing.fine(amount), billing.fine(minor_unit)) AS DECIMAL(19,0))
        * CAST(minor_unit AS DECIMAL(5,4)) AS DECIMAL(18,4)
    );
