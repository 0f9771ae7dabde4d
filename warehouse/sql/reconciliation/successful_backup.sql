-- Backups that a vendor says ran well, by what they protect: a backup account (Infrascale), a subscription
-- (Redstor, which tells a day's outcome of a product), or a customer as a whole (ReVirt365, whose jobs name no
-- subscription). Xopero and ResellerClub tell nothing of backups.
-- grain: one backup, or one day's outcome
-- key: none
-- asset: no, a step on the way to reconciliation.discrepancy
-- source: staging.history_event, staging.subscription
-- units: bytes
CREATE OR REPLACE VIEW reconciliation.successful_backup AS
SELECT vendor, connection, account_id, resource_id AS protected_id, usage_date, uploaded_bytes
FROM staging.history_event
WHERE vendor = 'infrascale'
    AND event_type = 'BackupCompleted'
    AND status IN ('Ok', 'Warning')
UNION ALL
SELECT
    event.vendor,
    event.connection,
    event.account_id,
    held.subscription_id AS protected_id,
    event.usage_date,
    CAST(NULL AS BIGINT) AS uploaded_bytes
FROM staging.history_event AS event
INNER JOIN staging.subscription AS held
    ON held.vendor = event.vendor
    AND held.connection = event.connection
    AND held.account_id = event.account_id
    AND held.usage_date = event.usage_date
    AND held.product = event.resource_id
WHERE event.vendor = 'redstor'
    -- A day on which some of many backups failed is called failed.
    AND (
        event.status IN ('success', 'warning')
        OR coalesce(CAST(json_extract_string(event.detail, '$.success') AS BIGINT), 0) > 0
    )
UNION ALL
SELECT vendor, connection, account_id, account_id AS protected_id, usage_date, uploaded_bytes
FROM staging.history_event
WHERE vendor = 'revirt365'
    -- Its words for success are the contract's; those for failure are alike everywhere.
    AND NOT regexp_matches(coalesce(lower(status), ''), 'fail|error|cancel|abort|missed');
