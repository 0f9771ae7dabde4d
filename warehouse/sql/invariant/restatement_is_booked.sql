-- A difference to an earlier month that is to stand on an invoice of this one does not, or with another amount.
SELECT
    coalesce(restatement.restatement_id, correction.restatement_id) AS restatement_id,
    restatement.open_amount,
    line.exact_amount
FROM (
    SELECT restatement.restatement_id, restatement.booked_month, restatement.open_amount
    FROM billing.restatement AS restatement
    INNER JOIN ops.build_month AS build
        ON build.month = restatement.booked_month
) AS restatement
FULL JOIN (
    SELECT correction.restatement_id, correction.month, correction.charge_line_id
    FROM billing.correction AS correction
    INNER JOIN ops.build_month AS build
        ON build.month = correction.month
) AS correction
    ON correction.restatement_id = restatement.restatement_id
    AND correction.month = restatement.booked_month
LEFT JOIN billing.draft_line AS line
    ON line.charge_line_id = correction.charge_line_id
    AND line.month = correction.month
WHERE restatement.open_amount IS DISTINCT FROM line.exact_amount;
