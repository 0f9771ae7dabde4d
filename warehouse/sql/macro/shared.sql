-- An amount with 15 decimals times part divided by whole, rounded to 15 decimals, half away from zero.
-- Most parts are the whole, and then nothing is computed.
CREATE OR REPLACE MACRO billing.shared(amount, part, whole) AS
    CASE WHEN part = whole THEN CAST(amount AS DECIMAL(37,15))
        ELSE billing.exact(billing.share(billing.fine(amount), part, whole))
    END;
