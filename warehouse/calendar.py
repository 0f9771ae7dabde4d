"""The months of a build and their days: what the monthly SQL joins to know its time."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa

DAYS = pa.schema(
    [("month", pa.date32()), ("usage_date", pa.date32()), ("time_zone", pa.string()), ("seconds", pa.int32())]
)


def month_days(month: date) -> list[date]:
    """Every day of the month that starts on `month`."""
    return [day for n in range(31) if (day := month + timedelta(days=n)).month == month.month]


def month_after(month: date) -> date:
    """First day of the month after the one that starts on `month`."""
    return (month + timedelta(days=31)).replace(day=1)


def month_before(month: date, count: int = 1) -> date:
    """First day of the month `count` months before the one that starts on `month`."""
    months = month.year * 12 + month.month - 1 - count
    return date(months // 12, months % 12 + 1, 1)


def set_months(connection: duckdb.DuckDBPyConnection, months: Collection[date], latest: date) -> None:
    """Let the monthly SQL work on `months`: fill `ops.build_month` and `ops.calendar`, which has
    the month after each too, because some of it is charged in advance.

    Parameters:
        connection: a warehouse with its reference tables.
        months: first days.
        latest: the last usage date that anything was landed for; a month that it lies in is metered
            until then.
    """
    connection.execute("DELETE FROM ops.build_month")
    connection.execute("DELETE FROM ops.calendar")
    ordered = sorted(months)
    connection.executemany(
        "INSERT INTO ops.build_month VALUES (?, ?, ?)",
        [(month, (last := month_days(month)[-1]), min(last, latest)) for month in ordered],
    )
    entities = connection.execute("SELECT DISTINCT time_zone FROM reference.billing_entity").fetchall()
    zones = sorted({"UTC", *(name for (name,) in entities)})
    rows = [
        {"month": month, "usage_date": day, "time_zone": zone, "seconds": _seconds(day, ZoneInfo(zone))}
        for month in sorted({*ordered, *map(month_after, ordered)})
        for day in month_days(month)
        for zone in zones
    ]
    connection.register("incoming", pa.Table.from_pylist(rows, DAYS))
    connection.execute("INSERT INTO ops.calendar BY NAME SELECT * FROM incoming")
    connection.unregister("incoming")


def _seconds(day: date, zone: ZoneInfo) -> int:
    """How long a day is: 23 or 25 hours where clocks change."""
    begin = datetime(day.year, day.month, day.day, tzinfo=zone)
    after = day + timedelta(days=1)
    end = datetime(after.year, after.month, after.day, tzinfo=zone)
    return int(end.timestamp() - begin.timestamp())
