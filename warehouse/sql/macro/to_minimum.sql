-- What is missing from an amount to its minimum, both weighted: a negative amount is left alone.
CREATE OR REPLACE MACRO billing.to_minimum(amount, minimum, whole) AS
    billing.exact(CASE WHEN amount >= 0 AND amount < minimum THEN billing.half(minimum - amount, whole) ELSE 0 END);
