-- An account that goes from one customer to another inside a month. Each pays for its own days of what is added up
-- over them, and each for its highest day of what is not: that is for somebody to look at.
-- R-11: mapping changed inside the month
-- stops: no
-- direction: over_bill
-- tolerance: amount 0, percent 0, count 0
-- guards: billing.usage_record
-- vendors: all
-- source: billing.mapped_account
SELECT
    'R-11' AS code,
    earlier.month,
    earlier.vendor,
    earlier.connection,
    earlier.account_id,
    later.customer_id,
    concat(
        earlier.vendor, ' account ', earlier.account_id, ' belongs to ', earlier.customer_id, ' until ',
        CAST(later.valid_from AS VARCHAR), ' and then to ', later.customer_id,
        ': see that neither invoice has what is the other''s, and that no peak of the account is on both.'
    ) AS sentence
FROM billing.mapped_account AS earlier
INNER JOIN ops.build_month AS build
    ON build.month = earlier.month
INNER JOIN billing.mapped_account AS later
    ON later.month = earlier.month
    AND later.vendor = earlier.vendor
    AND later.connection = earlier.connection
    AND later.account_id = earlier.account_id
    AND later.valid_from >= earlier.valid_to
    AND later.customer_id <> earlier.customer_id
WHERE earlier.excluded IS NULL
    AND later.excluded IS NULL;
