-- The days of the months that are being built, and how long each is where clocks change.
-- grain: one day in one time zone: those of the billing entities, and UTC
-- key: usage_date, time_zone
-- asset: no, a step on the way to others
-- source: the IANA time zones
-- partition: none
CREATE TABLE IF NOT EXISTS ops.calendar (
    month DATE NOT NULL,
    usage_date DATE NOT NULL,
    time_zone VARCHAR NOT NULL,
    seconds INTEGER NOT NULL
);
