-- Files: readings that somebody brought, for any vendor. Where a file stands in for a stream, a day that
-- the stream landed by itself counts, and the file's does not. A pull without an answer, as of a stream that is
-- not offered, landed nothing; an answer without rows did: there is nothing.
-- source: raw.files_usage, ops.current_pull
SELECT
    brought.for_vendor AS vendor,
    brought.for_connection AS connection,
    brought.account_id,
    brought.resource_id,
    brought.resource_name,
    'file' AS resource_type,
    brought.product,
    brought.meter,
    brought.usage_date,
    brought.quantity,
    brought.unit,
    brought.is_trial,
    'manual' AS quality,
    brought.pull_id,
    brought.row_no
FROM raw.files_usage AS brought
LEFT JOIN ops.current_pull AS own
    ON own.vendor = brought.for_vendor
    AND own.connection = brought.for_connection
    AND own.stream = brought.stands_in_for
    AND own.usage_date = brought.usage_date
    AND own.pages > 0
WHERE own.pull_id IS NULL;
