-- By which cost card a vendor charges us for a connection in a month. The latest that holds in the month
-- holds for the month.
-- grain: one connection to one vendor in one month
-- key: month, vendor, connection
-- asset: no, a step on the way to others
-- source: reference.vendor_terms, reference.rate_card
-- partition: month
-- rebuilds: month
CREATE TABLE IF NOT EXISTS billing.cost_terms (
    month DATE NOT NULL,
    vendor VARCHAR NOT NULL,
    connection VARCHAR NOT NULL,
    rate_card VARCHAR NOT NULL,
    currency VARCHAR NOT NULL
);
WITH
dated AS (
    SELECT
        build.month,
        terms.*,
        row_number() OVER (
            PARTITION BY build.month, terms.vendor, terms.connection
            ORDER BY terms.valid_from DESC
        ) AS place
    FROM reference.vendor_terms AS terms
    INNER JOIN ops.build_month AS build
        ON terms.valid_from <= build.last_day
        AND (terms.valid_to IS NULL OR terms.valid_to > build.month)
)
SELECT dated.month, dated.vendor, dated.connection, dated.rate_card, card.currency
FROM dated
INNER JOIN reference.rate_card AS card
    ON card.rate_card = dated.rate_card
WHERE dated.place = 1;
