-- So many percent of an amount with 15 decimals, rounded to 15 decimals, half away from zero.
CREATE OR REPLACE MACRO billing.percent(amount, percentage) AS
    billing.exact(billing.share(
        billing.fine(amount),
        CAST(CAST(percentage AS DECIMAL(7,4)) * CAST(10000 AS DECIMAL(19,0)) AS HUGEINT),
        1000000
    ));
