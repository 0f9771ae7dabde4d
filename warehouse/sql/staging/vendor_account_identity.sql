-- By what else than its id and name a vendor account can be known again: at another vendor, or among our customers.
-- Personal data are not in it: an e-mail address is here as its md5, to be compared and not to be read.
-- grain: one identifier of a vendor account on one usage date
-- key: vendor, connection, account_id, kind, value, usage_date
-- asset: no, a step on the way to others
-- source: one file a vendor in vendor_account_identity/; Redstor tells none
-- partition: usage_date
-- rebuilds: 0..0
CREATE TABLE IF NOT EXISTS staging.vendor_account_identity (
    vendor VARCHAR NOT NULL,
    connection VARCHAR NOT NULL,
    account_id VARCHAR NOT NULL,
    kind VARCHAR NOT NULL, -- reference (a number or text of ours), domain, email (its md5)
    value VARCHAR NOT NULL, -- in lower case, without blanks around it
    usage_date DATE NOT NULL,
    pull_id VARCHAR NOT NULL
);
