-- The share of a month that the days from first_day to the one before end_day are: how many days, or
-- minutes. Of 30 days, those at the end of the month take what the others leave.
CREATE OR REPLACE MACRO billing.month_part(proration, month, last_day, first_day, end_day, minutes) AS
    CAST(CASE
        WHEN proration = 'exact' THEN minutes
        WHEN proration = 'thirty' AND end_day > last_day THEN 30 - date_diff('day', month, first_day)
        ELSE date_diff('day', first_day, end_day)
    END AS INTEGER);
