-- Usage of a customer that is on no invoice, or not for all of the month, because too few days were reported, or
-- because it has no price, no exchange rate, no cost to be taken from or no terms. The money at risk is what it
-- comes to at list price, and without one what the vendor charges; of a price that is missing on some days, for
-- those days.
-- R-03: too few days reported
-- R-25: usage not charged
-- stops: close
-- direction: leak
-- tolerance: amount 0, percent 0, count 0
-- guards: billing.uncharged_usage
-- vendors: all
-- source: billing.uncharged_usage, billing.charge_usage, billing.rated_quantity, billing.price_in_force,
--     reconciliation.usage_at_list
WITH
-- On how many days there is no price.
unpriced AS (
    SELECT
        usage.month,
        usage.usage_record_id,
        CAST(sum(date_diff('day', price.first_day, price.end_day)) AS BIGINT) AS days
    FROM billing.uncharged_usage AS uncharged
    INNER JOIN ops.build_month AS build
        ON build.month = uncharged.month
    INNER JOIN billing.charge_usage AS usage
        ON usage.month = uncharged.month
        AND usage.usage_record_id = uncharged.usage_record_id
        AND usage.side = 'sell'
    INNER JOIN billing.rated_quantity AS rated
        ON rated.month = usage.month
        AND rated.charge_id = usage.charge_id
    INNER JOIN billing.price_in_force AS price
        ON price.month = rated.month
        AND price.price_id = rated.price_id
        AND price.model IS NULL
    WHERE uncharged.reason = 'no price'
    GROUP BY usage.month, usage.usage_record_id
)
SELECT
    CASE uncharged.reason WHEN 'unknown quantity' THEN 'R-03' ELSE 'R-25' END AS code,
    uncharged.month,
    uncharged.billing_entity_id,
    uncharged.billed_customer_id,
    uncharged.vendor,
    uncharged.connection,
    uncharged.customer_id,
    uncharged.sku,
    concat_ws(' ', nullif(uncharged.dimension, ''), nullif(uncharged.contract_id, ''), uncharged.reason) AS subject,
    listed.currency,
    CASE
        WHEN unpriced.days IS NULL THEN listed.amount
        ELSE billing.shared(
            listed.amount, unpriced.days, date_diff('day', build.month, build.last_day) + 1
        )
    END AS amount,
    concat_ws(
        ' ',
        CASE WHEN uncharged.sku IS NULL THEN NULL
            ELSE concat(
                'Usage of ', uncharged.sku, ' by ', coalesce(uncharged.customer_id, 'nobody'), ' (',
                concat_ws(' ', uncharged.vendor, uncharged.connection), ') is not charged.'
            )
        END,
        uncharged.why
    ) AS sentence
FROM billing.uncharged_usage AS uncharged
INNER JOIN ops.build_month AS build
    ON build.month = uncharged.month
LEFT JOIN unpriced
    ON unpriced.month = uncharged.month
    AND unpriced.usage_record_id = uncharged.usage_record_id
    AND uncharged.reason = 'no price'
LEFT JOIN reconciliation.usage_at_list AS listed
    ON listed.month = uncharged.month
    AND listed.reason = 'uncharged'
    AND listed.subject = uncharged.usage_record_id;
