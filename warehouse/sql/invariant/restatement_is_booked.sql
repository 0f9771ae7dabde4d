-- A difference to an earlier month does not stand on the invoice that takes it, or with another amount.
SELECT correction.restatement_id, correction.exact_amount, line.exact_amount AS drafted
FROM billing.correction AS correction
INNER JOIN ops.build_month AS build
    ON build.month = correction.month
LEFT JOIN billing.draft_line AS line
    ON line.charge_line_id = correction.charge_line_id
    AND line.month = correction.month
WHERE line.exact_amount IS DISTINCT FROM correction.exact_amount;
