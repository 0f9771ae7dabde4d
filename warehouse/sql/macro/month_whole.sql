-- What billing.month_part is a part of.
CREATE OR REPLACE MACRO billing.month_whole(proration, month, last_day, minutes_of_month) AS
    CAST(CASE proration
        WHEN 'exact' THEN minutes_of_month
        WHEN 'thirty' THEN 30
        ELSE date_diff('day', month, last_day) + 1
    END AS INTEGER);
