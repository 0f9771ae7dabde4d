-- A vendor's invoice that is not what was used, or not what we billed for it, line by line (R-34, R-32), or in all
-- where it names no accounts or no quantities (R-31). Too much is a cost; what we pay for and bill nobody is a
-- leak; what we bill and do not pay for is billed too much. Usage that no line charges, and an invoice that a vendor
-- owes, are expected later and stop nothing; a vendor of which no invoice was brought for the month, or for one of
-- the three before it, is not waited for. Differences of a unit price are R-33, those of an account that is nobody's
-- R-09.
-- R-31: vendor's invoice in all against what it should cost
-- R-32: vendor's line without usage, or usage without its line
-- R-34: vendor's line against what was used and billed
-- stops: close
-- direction: each row
-- tolerance: amount 0, percent 0, count 0
-- guards: reconciliation.three_way
-- vendors: all
-- source: reconciliation.three_way
WITH
told AS (
    SELECT
        match.*,
        strftime(match.month, '%Y-%m') AS month_name,
        CASE
            WHEN match.cause IN ('missing_usage', 'missing_vendor_invoice') THEN 'R-32'
            WHEN match.cause <> 'mapping' AND (match.party = '*' OR match.invoiced_quantity IS NULL) THEN 'R-31'
            ELSE 'R-34'
        END AS code,
        concat(
            match.vendor,
            CASE match.connection WHEN 'default' THEN '' ELSE concat(' (', match.connection, ')') END,
            CASE WHEN match.documents IS NULL THEN '' ELSE concat(', ', match.documents) END
        ) AS whose,
        concat(match.sku, CASE match.dimension WHEN '' THEN '' ELSE concat(' ', match.dimension) END) AS what,
        CASE
            WHEN match.party = '*' THEN 'all customers'
            ELSE concat_ws(
                ', ', match.customer_id,
                CASE WHEN match.account_id IS NULL THEN NULL ELSE concat('account ', match.account_id) END
            )
        END AS whom,
        concat(billing.plain(coalesce(match.invoiced_quantity, 0)), ' ', match.unit) AS invoiced,
        concat(billing.plain(coalesce(match.used_quantity, 0)), ' ', match.unit) AS used,
        concat(billing.plain(coalesce(match.billed_quantity, 0)), ' ', match.unit) AS billed,
        billing.cents(match.invoiced_amount, currency.minor_unit) AS invoiced_cents,
        billing.cents(match.expected_amount, currency.minor_unit) AS expected_cents
    FROM reconciliation.three_way AS match
    INNER JOIN ops.build_month AS build
        ON build.month = match.month
    LEFT JOIN reference.currency AS currency
        ON currency.currency = match.currency
    WHERE match.cause IS NOT NULL
        AND match.party NOT LIKE '-%'
),
owed AS (
    SELECT
        month,
        vendor,
        connection,
        min(whose) AS whose,
        min(month_name) AS month_name,
        min(currency) AS currency,
        CASE WHEN count(*) = count(expected_cents) AND min(currency) = max(currency) THEN sum(expected_cents) END AS amount
    FROM told
    WHERE cause = 'missing_vendor_invoice'
        AND vendor_invoice = 'expected'
    GROUP BY month, vendor, connection
)
SELECT
    code,
    month,
    billing_entity_id,
    billed_customer_id,
    vendor,
    connection,
    account_id,
    customer_id,
    sku,
    CASE sku WHEN '' THEN description ELSE dimension END AS subject,
    CASE cause
        WHEN 'mapping' THEN 'leak'
        WHEN 'missing_our_invoice' THEN 'leak'
        WHEN 'missing_usage' THEN CASE WHEN invoiced_cents > 0 THEN 'cost' ELSE 'control' END
        WHEN 'missing_vendor_invoice' THEN 'control'
        ELSE CASE
            WHEN coalesce(amount_difference, 0) > 0 OR (amount_difference IS NULL AND quantity_difference > 0) THEN 'cost'
            WHEN billed_quantity > invoiced_quantity THEN 'over_bill'
            ELSE 'control'
        END
    END AS direction,
    CASE WHEN cause = 'missing_vendor_invoice' THEN 'no' END AS stops,
    CASE WHEN invoiced_quantity IS NULL THEN currency ELSE unit END AS unit,
    CASE WHEN invoiced_quantity IS NULL THEN expected_cents ELSE coalesce(used_quantity, 0) END AS expected,
    CASE WHEN invoiced_quantity IS NULL THEN invoiced_cents ELSE invoiced_quantity END AS actual,
    currency,
    CAST(CASE
        WHEN cause IN ('mapping', 'missing_usage', 'missing_our_invoice') THEN abs(invoiced_cents)
        WHEN cause = 'missing_vendor_invoice' THEN expected_cents
        ELSE abs(amount_difference)
    END AS DECIMAL(37,15)) AS amount,
    CASE cause
        WHEN 'mapping' THEN concat(
            whose, ' charges ', billing.plain(invoiced_cents), ' ', currency, ' for ', coalesce(description, 'something'),
            ', which is no SKU here: name it under [skus] in the mapping of the file, or in sku_mapping, and import it again.'
        )
        WHEN 'missing_usage' THEN concat(
            whose, ' charges ', billing.plain(invoiced_cents), ' ', currency, ' for ', what, ' of ', whom,
            ', of which nothing was used in ', month_name,
            ': ask the vendor to credit it, or find out why its usage did not come.'
        )
        WHEN 'missing_vendor_invoice' THEN concat(
            whom, ' used ', used, ' of ', what, ' in ', month_name, ' and the invoice of ', vendor, ' has no line for it',
            CASE WHEN expected_cents IS NULL THEN ''
                ELSE concat(' (', billing.plain(expected_cents), ' ', currency, ' by the cost card)')
            END,
            ': expect it on a later one, or see whether its product is mapped.'
        )
        WHEN 'missing_our_invoice' THEN concat(
            whose, ' charges ', billing.plain(invoiced_cents), ' ', currency, ' for ', what, ' of ', whom, ', who used ', used,
            ' in ', month_name, ', and no invoice or draft of ours has it: give it a price and terms, or exclude the account.'
        )
        ELSE concat(
            whose, ' charges ', CASE WHEN invoiced_quantity IS NULL THEN '' ELSE concat(invoiced, ', ') END,
            coalesce(concat(billing.plain(invoiced_cents), ' ', currency), 'an amount in another currency'), ', for ', what,
            ' of ', whom, ' in ', month_name, '; used were ', used,
            CASE WHEN expected_cents IS NULL THEN '' ELSE concat(', ', billing.plain(expected_cents), ' ', currency) END,
            ', and we billed ', billed, ': ',
            CASE cause
                WHEN 'unit_base' THEN 'it counts in units of another base (1000 or 1024); agree with the vendor on one, or correct the unit in the mapping.'
                WHEN 'period' THEN 'its lines are not for the whole month alone; see which days it charges, and whether another invoice does too.'
                WHEN 'quantity' THEN 'claim the difference from the vendor, or find the usage that did not come.'
                ELSE 'compare its prices with the cost card.'
            END
        )
    END AS sentence
FROM told
WHERE (cause <> 'missing_vendor_invoice' OR vendor_invoice = 'imported')
    AND (cause <> 'price' OR (code = 'R-31' AND basis = 'usage'))
UNION ALL BY NAME
SELECT
    'R-32' AS code,
    month,
    vendor,
    connection,
    'the whole invoice' AS subject,
    'control' AS direction,
    'no' AS stops,
    currency,
    CAST(amount AS DECIMAL(37,15)) AS amount,
    concat(
        whose, ' has sent no invoice for ', month_name, ' yet, as it did for a month before',
        CASE WHEN amount IS NULL THEN '' ELSE concat('; about ', billing.plain(amount), ' ', currency, ' is to be expected') END,
        ': import it when it comes.'
    ) AS sentence
FROM owed;
