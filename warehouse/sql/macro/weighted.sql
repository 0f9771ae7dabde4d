-- An amount of a whole month as part times its whole number of 10^-15: such numbers can be added up and
-- compared before they are divided by the whole that they are parts of, and rounded.
CREATE OR REPLACE MACRO billing.weighted(amount, part) AS
    CAST(billing.fine(amount) AS HUGEINT) * CAST(part AS HUGEINT);
