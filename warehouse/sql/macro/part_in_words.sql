-- A share of a month as the rule of a line states it: nothing when it is the whole of it.
CREATE OR REPLACE MACRO billing.part_in_words(proration, part, whole) AS
    CASE
        WHEN part = whole THEN ''
        WHEN proration <> 'exact' THEN concat('; ', CAST(part AS VARCHAR), ' of ', CAST(whole AS VARCHAR), ' days')
        WHEN part % 60 = 0 AND whole % 60 = 0
            THEN concat('; ', CAST(part // 60 AS VARCHAR), ' of ', CAST(whole // 60 AS VARCHAR), ' hours')
        ELSE concat('; ', CAST(part AS VARCHAR), ' of ', CAST(whole AS VARCHAR), ' minutes')
    END;
