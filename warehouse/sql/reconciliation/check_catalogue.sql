-- What reconciliation looks for: every code, what it means, what a finding stops, and to whom it cannot apply.
-- grain: one code
-- key: code
-- source: the files of sql/reconciliation/discrepancy, and warehouse/reconciliation/elsewhere.toml
-- partition: none
-- units: tolerance_amount in the currency of the finding, tolerance_count in its unit
CREATE TABLE IF NOT EXISTS reconciliation.check_catalogue (
    code VARCHAR NOT NULL,
    title VARCHAR NOT NULL,
    check_name VARCHAR, -- the file, and the check's name on its asset; null where another part of the program sees to it
    meaning VARCHAR NOT NULL,
    stops VARCHAR NOT NULL, -- issue (and with it the close), close, or no
    direction VARCHAR NOT NULL, -- leak, over_bill, cost, control, or each row
    tolerance_amount DECIMAL(18,4) NOT NULL,
    tolerance_percent DECIMAL(7,4) NOT NULL, -- of what was expected
    tolerance_count DECIMAL(20,6) NOT NULL,
    guards VARCHAR, -- the asset that it is a check of
    vendors VARCHAR NOT NULL,
    not_for VARCHAR -- the vendors that it cannot apply to, and why
);
