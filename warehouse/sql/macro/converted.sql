-- An amount with 15 decimals in another currency, rounded to 15 decimals, half away from zero.
CREATE OR REPLACE MACRO billing.converted(amount, rate) AS
    billing.exact(billing.share(
        billing.fine(amount),
        CAST(CAST(rate AS DECIMAL(17,9)) * CAST(1000000000 AS DECIMAL(19,0)) AS HUGEINT),
        1000000000
    ));
