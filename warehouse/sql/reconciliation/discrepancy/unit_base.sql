-- Sums of a vendor that are, for three accounts or more, the same multiple of their readings that lies between decimal
-- and binary units (1.024, 1.0486, 1.0737 or 1.0995, within 0.05 percent): one of the two is counted in other units
-- than we take it for. The money stands with the differences themselves (R-52): settle this first.
-- R-35: unit base suspected
-- stops: no
-- direction: control
-- tolerance: amount 0, percent 0, count 0
-- guards: staging.vendor_total
-- vendors: infrascale, xopero
-- not_for: redstor, whose sums are of all accounts together; resellerclub and revirt365, which tell a quantity in one place only
-- source: reconciliation.vendor_sum
WITH
base AS (
    SELECT name, CAST(part AS HUGEINT) AS part, CAST(whole AS HUGEINT) AS whole
    FROM (
        VALUES
            ('KB and KiB', 1024, 1000),
            ('MB and MiB', 1048576, 1000000),
            ('GB and GiB', 1073741824, 1000000000),
            ('TB and TiB', 1099511627776, 1000000000000)
    ) AS units (name, part, whole)
),
compared AS (
    SELECT
        differing.*,
        CAST(greatest(differing.told, differing.summed) AS HUGEINT) AS larger,
        CAST(least(differing.told, differing.summed) AS HUGEINT) AS smaller
    FROM reconciliation.vendor_sum AS differing
    INNER JOIN ops.build_month AS build
        ON build.month = differing.month
    WHERE differing.scope = 'account'
        AND differing.unit = 'bytes'
        AND least(differing.told, differing.summed) > 0
)
SELECT
    'R-35' AS code,
    compared.month,
    compared.vendor,
    compared.connection,
    concat_ws(' ', compared.stream, compared.meter, base.name) AS subject,
    concat(
        compared.vendor, '/', compared.stream, ' tells ', compared.meter, ' of ',
        CAST(count(DISTINCT compared.account_id) AS VARCHAR), ' accounts that differ from their readings by ',
        base.name, ', first on ', CAST(min(compared.usage_date) AS VARCHAR),
        ': ask the vendor which unit each figure is in before the differences are settled.'
    ) AS sentence
FROM compared
INNER JOIN base
    -- larger x whole is smaller x part, give or take a 2000th.
    ON abs(
        CAST(compared.larger AS HUGEINT) * CAST(base.whole AS HUGEINT)
        - CAST(compared.smaller AS HUGEINT) * CAST(base.part AS HUGEINT)
    ) <= CAST(compared.smaller AS HUGEINT) * CAST(base.part AS HUGEINT) // CAST(2000 AS HUGEINT)
GROUP BY compared.month, compared.vendor, compared.connection, compared.stream, compared.meter, base.name
HAVING count(DISTINCT compared.account_id) >= 3;
