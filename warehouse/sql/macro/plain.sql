-- A decimal in words: without the zeros that end it.
CREATE OR REPLACE MACRO billing.plain(x) AS rtrim(rtrim(CAST(x AS VARCHAR), '0'), '.');
