"""How the quantity of a charge came about: its usage records, their days, and the readings of each day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb

Row = dict[str, Any]

USAGE = """
SELECT usage.charge_id, record.*
FROM billing.charge_usage AS usage
INNER JOIN billing.usage_record AS record
    ON record.usage_record_id = usage.usage_record_id
WHERE usage.side = 'sell' AND list_contains(?, usage.charge_id)
ORDER BY record.customer_id, record.vendor, record.connection, record.meter, record.usage_record_id
"""
# The records of a term's earlier months, of which the highest day counts, are told with the record itself.
METERED = """
CREATE OR REPLACE TEMP TABLE told AS
WITH
wanted AS (
    SELECT record.*, owner.excluded, sold.term_months
    FROM billing.usage_record AS record
    INNER JOIN billing.usage_owner AS owner
        ON owner.month = record.month AND owner.owner = record.owner
    INNER JOIN (SELECT DISTINCT month, sold, term_months FROM billing.sold_meter) AS sold
        ON sold.month = record.month AND sold.sold = record.sold
    WHERE list_contains(?, record.usage_record_id)
)
SELECT wanted.usage_record_id AS told_for, past.month, past.owner, past.on_trial, past.sold
FROM wanted
INNER JOIN billing.usage_record AS past
    ON past.customer_id = wanted.customer_id
    AND past.vendor = wanted.vendor
    AND past.connection = wanted.connection
    AND past.meter = wanted.meter
    AND past.sku = wanted.sku
    AND past.dimension = wanted.dimension
    AND past.not_billable_reason IS NOT DISTINCT FROM wanted.not_billable_reason
    AND past.month <= wanted.month
    AND (past.month = wanted.month OR wanted.aggregation = 'high_water'
        AND date_diff('month', past.month, wanted.month) < wanted.term_months)
"""
DAYS = """
SELECT
    told.told_for,
    day.usage_date,
    day.is_reported,
    day.stands_on,
    day.day_before,
    day.day_after,
    day.gap_policy,
    coalesce(worked.quantity, metered.quantity, 0) AS quantity
FROM told
INNER JOIN billing.metered_record AS record
    ON record.month = told.month AND record.owner = told.owner
    AND record.on_trial = told.on_trial AND record.sold = told.sold
INNER JOIN billing.day_weight AS day
    ON day.month = record.month AND day.sources = record.sources
    AND day.gap_policy = record.gap_policy AND day.spread = record.spread
LEFT JOIN billing.worked_day AS worked
    ON worked.month = told.month AND worked.owner = told.owner AND worked.on_trial = told.on_trial
    AND worked.sold = told.sold AND worked.usage_date = day.stands_on
LEFT JOIN (
    SELECT
        daily.month, daily.owner, daily.on_trial, daily.sold, daily.usage_date,
        sum(daily.quantity) AS quantity
    FROM billing.daily_usage AS daily
    SEMI JOIN told
        ON told.month = daily.month AND told.owner = daily.owner
        AND told.on_trial = daily.on_trial AND told.sold = daily.sold
    GROUP BY ALL
) AS metered
    ON metered.month = told.month AND metered.owner = told.owner AND metered.on_trial = told.on_trial
    AND metered.sold = told.sold AND metered.usage_date = day.stands_on
ORDER BY told.told_for, day.usage_date
"""
READINGS = """
SELECT
    told.told_for,
    reading.usage_date,
    reading.account_id,
    reading.resource_id,
    reading.resource_name,
    reading.product,
    reading.quantity,
    reading.unit,
    reading.quality,
    reading.pull_id,
    reading.row_no
FROM told
INNER JOIN billing.mapped_account AS account
    ON account.month = told.month AND account.owner = told.owner
INNER JOIN staging.usage_snapshot AS reading
    ON reading.vendor = account.vendor
    AND reading.connection = account.connection
    AND reading.account_id = account.account_id
    AND reading.usage_date >= told.month
    AND reading.usage_date <= last_day(told.month)
    AND account.valid_from <= reading.usage_date
    AND (account.valid_to IS NULL OR account.valid_to > reading.usage_date)
    AND (coalesce(reading.is_trial, false) AND account.excluded IS NULL) = told.on_trial
INNER JOIN billing.sold_meter AS sold
    ON sold.month = told.month AND sold.sold = told.sold
    AND sold.vendor = reading.vendor AND sold.meter = reading.meter
LEFT JOIN (SELECT DISTINCT month, vendor, product, meter FROM billing.sold_meter WHERE product <> '*') AS own
    ON own.month = told.month AND own.vendor = reading.vendor
    AND own.product = reading.product AND own.meter = reading.meter
WHERE sold.product = coalesce(own.product, '*')
ORDER BY told.told_for, reading.usage_date, reading.account_id, reading.resource_id, reading.product
"""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a vendor reported for one resource on one day; `pull_id` and `row_no` are of its raw row."""

    usage_date: date
    account_id: str
    resource_id: str
    resource_name: str | None
    product: str
    quantity: Decimal
    unit: str
    quality: str
    pull_id: str
    row_no: int


@dataclass(frozen=True, slots=True)
class Day:
    """One day of a usage record.

    Attributes:
        usage_date: the day.
        quantity: its figure in the meter's unit; None where it has none.
        how: where the figure comes from, in words.
        readings: those of the day.
    """

    usage_date: date
    quantity: Decimal | None
    how: str
    readings: list[Reading]


@dataclass(frozen=True, slots=True)
class Usage:
    """A usage record and its days; where the highest of a term counts, those of its earlier months too."""

    usage_record_id: str
    customer_id: str
    vendor: str
    connection: str
    meter: str
    sku: str
    dimension: str
    aggregation: str
    gap_policy: str
    quantity: Decimal
    days_expected: int
    days_reported: int
    days_filled: int
    days: list[Day]


def metered(connection: duckdb.DuckDBPyConnection, charges: Collection[str]) -> dict[str, list[Usage]]:
    """The usage records that charges are made of, by charge_id.

    Parameters:
        connection: a warehouse.
        charges: ids of `billing.rated_quantity`.
    """
    usage = rows(connection, USAGE, sorted(charges))
    connection.execute(METERED, [sorted({row["usage_record_id"] for row in usage})])
    readings = defaultdict[tuple[str, date], list[Reading]](list)
    for row in rows(connection, READINGS):
        readings[row.pop("told_for"), row["usage_date"]].append(Reading(**row))
    days = defaultdict[str, list[Day]](list)
    for row in rows(connection, DAYS):
        of_day = readings[row["told_for"], row["usage_date"]]
        days[row["told_for"]].append(_day(row, of_day))
    found = defaultdict[str, list[Usage]](list)
    for row in usage:
        columns = {name: row[name] for name in Usage.__slots__ if name != "days"}
        found[row["charge_id"]].append(Usage(**columns, days=days[row["usage_record_id"]]))
    return dict(found)


def rows(connection: duckdb.DuckDBPyConnection, sql: str, *values: object) -> list[Row]:
    """The rows of a query by column name."""
    result = connection.execute(sql, list(values))
    names = [column[0] for column in result.description or ()]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def _day(row: Row, readings: list[Reading]) -> Day:
    quantity: Decimal | None = row["quantity"]
    if row["is_reported"]:
        how = "reported" if readings else "reported: not listed, so nothing was used"
    elif row["gap_policy"] == "zero":
        quantity, how = Decimal(0), "not reported, counts as nothing"
    elif row["stands_on"] is None:
        quantity, how = None, "not reported"
    elif row["stands_on"] == row["usage_date"]:
        how = f"not reported, on the line between {row['day_before']} and {row['day_after']}"
    else:
        how = f"not reported, repeats {row['stands_on']}"
    return Day(row["usage_date"], quantity, how, readings)
