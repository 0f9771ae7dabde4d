-- Usage of a vendor account that belongs to no customer, rated at list price: money nobody is asked for. An account
-- whose mapping or exclusion has run out is one of them.
-- R-09: account unmapped
-- stops: close
-- direction: leak
-- tolerance: amount 0, percent 0, count 0
-- guards: billing.unmapped_account
-- vendors: all
-- source: billing.unmapped_account, reconciliation.usage_at_list, reference.account_mapping
WITH
at_list AS (
    SELECT
        month,
        vendor,
        connection,
        account_id,
        max(currency) AS currency,
        sum(amount) AS amount,
        min(rate_card) AS rate_card
    FROM reconciliation.usage_at_list
    WHERE reason = 'unmapped'
    GROUP BY month, vendor, connection, account_id
),
ended AS (
    SELECT
        account.month,
        account.vendor,
        account.connection,
        account.account_id,
        mapping.state,
        mapping.customer_id,
        mapping.reason,
        mapping.valid_to,
        row_number() OVER (
            PARTITION BY account.month, account.vendor, account.connection, account.account_id
            ORDER BY mapping.valid_to DESC
        ) AS place
    FROM billing.unmapped_account AS account
    INNER JOIN reference.account_mapping AS mapping
        ON mapping.vendor = account.vendor
        AND mapping.connection = account.connection
        AND mapping.account_id = account.account_id
        AND mapping.valid_to <= account.first_day
)
SELECT
    'R-09' AS code,
    account.month,
    account.vendor,
    account.connection,
    account.account_id,
    at_list.currency,
    at_list.amount,
    concat(
        account.vendor, ' account ', account.account_id,
        CASE WHEN account.name IS NULL THEN '' ELSE concat(' (', account.name, ')') END,
        ' has usage on ', CAST(account.days AS VARCHAR), CASE account.days WHEN 1 THEN ' day' ELSE ' days' END,
        ' that belongs to no customer',
        CASE WHEN at_list.amount IS NULL THEN ''
            ELSE concat(
                ', about ', billing.plain(billing.cents(at_list.amount, currency.minor_unit)), ' ', at_list.currency,
                ' at the price of rate card ', at_list.rate_card
            )
        END,
        CASE ended.state
            WHEN 'excluded' THEN concat(
                '; its exclusion (', ended.reason, ') ran out on ', CAST(ended.valid_to AS VARCHAR)
            )
            WHEN 'mapped' THEN concat(
                '; it was mapped to ', ended.customer_id, ' until ', CAST(ended.valid_to AS VARCHAR)
            )
            ELSE ''
        END,
        ': add it to account_mapping, or exclude it there with a reason.'
    ) AS sentence
FROM billing.unmapped_account AS account
INNER JOIN ops.build_month AS build
    ON build.month = account.month
LEFT JOIN at_list
    ON at_list.month = account.month
    AND at_list.vendor = account.vendor
    AND at_list.connection = account.connection
    AND at_list.account_id = account.account_id
LEFT JOIN reference.currency AS currency
    ON currency.currency = at_list.currency
LEFT JOIN ended
    ON ended.month = account.month
    AND ended.vendor = account.vendor
    AND ended.connection = account.connection
    AND ended.account_id = account.account_id
    AND ended.place = 1;
