-- The tax of a category is more than half the smallest unit of its currency away from its percentage.
SELECT tax.invoice_id, tax.taxable, tax.percent, tax.tax
FROM billing.invoice_tax AS tax
INNER JOIN ops.build_month AS build
    ON build.month = tax.month
INNER JOIN reference.currency AS currency
    ON currency.currency = tax.currency
WHERE tax.document_kind = 'invoice'
    -- In whole numbers of 10^-10: twice the distance.
    AND abs(
        CAST(CAST(tax.taxable AS DECIMAL(18,4)) * CAST(20000 AS DECIMAL(19,0)) AS HUGEINT)
        * CAST(CAST(tax.percent AS DECIMAL(7,4)) * CAST(10000 AS DECIMAL(19,0)) AS HUGEINT)
        - CAST(CAST(tax.tax AS DECIMAL(18,4)) * CAST(20000000000 AS DECIMAL(19,0)) AS HUGEINT)
    ) > CAST(CAST(currency.minor_unit AS DECIMAL(5,4)) * CAST(10000000000 AS DECIMAL(19,0)) AS HUGEINT);
