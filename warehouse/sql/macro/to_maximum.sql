-- What an amount is above its maximum, both weighted; below zero.
CREATE OR REPLACE MACRO billing.to_maximum(amount, maximum, whole) AS
    billing.exact(CASE WHEN amount > maximum THEN billing.half(maximum - amount, whole) ELSE 0 END);
