"""A home whose invoices were issued from landed bytes: a file of readings a day, through the real landing."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from reference_set import GOOD

from connectors.clock import VARIABLE
from connectors.files.fetch import file_to_import
from connectors.stream import UsageDay
from connectors.vendor import vendors
from warehouse.build import build_days
from warehouse.calendar import month_days
from warehouse.invoicing.issue import issue
from warehouse.invoicing.prepare import prepare
from warehouse.landing import Landing, Pull
from warehouse.reference.schema import TABLES
from warehouse.register import Entry

SEPTEMBER, OCTOBER, NOVEMBER = (date(2026, month, 1) for month in (9, 10, 11))
GAP = date(2026, 10, 12)
SINCE = {"valid_from": "2020-01-01"}
ALWAYS = {"valid_from": "2026-01-01", "valid_to": "2027-01-01"}
MAPPING = """
kind = "usage"
name = "{name}"
vendor = "redstor"
[columns]
account_id = "Account"
resource_id = "Resource"
[constants]
product = "backup"
[meters.protected_bytes]
column = "Bytes"
unit = "bytes"
[meters.active_seats]
column = "Seats"
unit = "seats"
"""
TABLES_OF_THE_HOUSE: dict[str, list[dict[str, str]]] = {
    **GOOD,
    "sku": [
        *GOOD["sku"],
        {"sku": "peak", "name": "Peak storage", "service": "Backup", "unit": "GB", "quantity_step": "0.001"},
        {"sku": "care", "name": "Care", "service": "Backup", "unit": "months"},
        {"sku": "plus", "name": "Passed on", "service": "Backup", "unit": "seats"},
    ],
    "customer": [
        *GOOD["customer"],
        {"customer_id": "solo", "name": "Solo", "kind": "end_customer", "bill_to": "self",
         "billing_entity_id": "us", "currency": "EUR", "rate_card": "card", "tax_code": "vat", **SINCE},
    ],
    "account_mapping": [
        {"vendor": "redstor", "connection": "default", "account_id": account, "state": "mapped",
         "customer_id": customer, **SINCE}
        for account, customer in (("aa", "sub"), ("bb", "top"), ("cc", "solo"))
    ],
    "sku_mapping": [
        {"vendor": "redstor", "product": "*", "meter": "protected_bytes", "sku": "gb",
         "aggregation": "average", **SINCE},
        {"vendor": "redstor", "product": "*", "meter": "active_seats", "sku": "seat",
         "aggregation": "peak", **SINCE},
        {"vendor": "redstor", "product": "*", "meter": "active_seats", "sku": "plus",
         "aggregation": "last", **SINCE},
        {"vendor": "redstor", "product": "*", "meter": "protected_bytes", "sku": "peak",
         "aggregation": "high_water", "term_months": "3", **SINCE},
    ],
    "rate": [
        *({**rate, "pooled": "yes", "included": "3"} if rate["sku"] == "gb" and rate["rate_card"] == "card"
          else rate for rate in GOOD["rate"]),
        {"rate_card": "card", "sku": "peak", "model": "per_unit", "unit_price": "0.013", **SINCE},
        {"rate_card": "card", "sku": "plus", "model": "cost_plus", "percent": "15", **SINCE},
        {"rate_card": "cost", "sku": "plus", "model": "graduated", "tier_to": "3", "unit_price": "1.5",
         **SINCE},
        {"rate_card": "cost", "sku": "plus", "model": "graduated", "tier_from": "3", "unit_price": "1.1",
         **SINCE},
        {"rate_card": "card", "sku": "care", "model": "percentage", "percent": "7.5", "basis": "*", **SINCE},
    ],
    "contract": [{"contract_id": "k", "customer_id": "top", "name": "Agreement", **ALWAYS}],
    "contract_item": [{"contract_id": "k", "item_id": "desk", "sku": "fee", "quantity": "1",
                       "unit_price": "9.5", **ALWAYS}],
    "commitment": [{"contract_id": "k", "commitment_id": "term", "sku": "gb", "amount": "40",
                    "period": "term", "valid_from": "2026-09-01", "valid_to": "2026-11-01"}],
}  # fmt: skip


def write_tables(folder: Path, **changed: list[dict[str, str]]) -> Path:
    """The reference of the house, a CSV file a table; `changed` replaces whole tables."""
    folder.mkdir(exist_ok=True)
    for name, rows in {**TABLES_OF_THE_HOUSE, **changed}.items():
        columns = next(table.columns for table in TABLES if table.name == name)
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, [column.name for column in columns])
            writer.writeheader()
            writer.writerows(rows)
    return folder


def set_now(day: date, hour: int = 3, minute: int = 0) -> None:
    os.environ[VARIABLE] = f"{datetime.combine(day, time(hour, minute)).isoformat()}+00:00"


def readings(day: date) -> list[tuple[str, str, int, int]]:
    """Account, resource, bytes and seats; they grow from day to day."""
    n = day.toordinal() - SEPTEMBER.toordinal()
    return [
        ("aa", "server", 91_000_000_000 + n * 7_000_013, 3 + n // 20),
        ("aa", "mail", 12_345_678_901, 2),
        ("bb", "server", 8_000_000_000 + n * 1_000, 1),
        ("cc", "server", 123_456_789_012, 4),
    ]


def land(home: Path, day: date, rows: Iterable[tuple[str, str, int, int]], *, name: str = "daily") -> Pull:
    """Land a file of readings for one day, at the instant that is set."""
    (home / "brought").mkdir(exist_ok=True)
    file, mapping = home / "brought" / "file.csv", home / "brought" / f"{name}.toml"
    lines = [",".join(map(str, row)) for row in rows]
    file.write_text("\n".join(["Account,Resource,Bytes,Seats", *lines, ""]))
    mapping.write_text(MAPPING.format(name=name))
    brought = file_to_import(file, mapping, len(lines), None)
    stream = vendors()["files"].stream("usage")
    usage_day = UsageDay(day, ZoneInfo("UTC"))
    fetch = partial(stream.fetch, brought, usage_day)
    return Landing(home / "raw").land(stream, name, usage_day, fetch)


def land_month(home: Path, month: date, *, leave_out: Iterable[date] = ()) -> list[date]:
    """A file for each day of a month, at three o'clock of the next."""
    days = [day for day in month_days(month) if day not in {*leave_out}]
    for day in days:
        set_now(day + timedelta(days=1))
        land(home, day, readings(day))
    return days


def issue_month(home: Path, month: date, at: date, customers: Iterable[str] = ()) -> list[Entry]:
    """Reviewed by Ann and issued by Bob in the morning of a day, and shown by the tables."""
    days = month_days(month)
    set_now(at, 9)
    prepare(home, month, "Ann")
    build(home, days[-1:])
    set_now(at, 10)
    found = issue(home, month, "Bob", [*customers])
    assert found.refused == []
    build(home, days[-1:])
    return found.entries


def build(home: Path, days: Iterable[date]) -> None:
    """Bring the tables up to date."""
    build_days(home, home / "reference", {*days})


def open_house(home: Path) -> Mapping[str, Entry]:
    """September and October metered and issued, one day of October missing; what was issued by number."""
    home.mkdir()
    write_tables(home / "reference")
    build(home, land_month(home, SEPTEMBER))
    first = issue_month(home, SEPTEMBER, date(2026, 10, 1))
    build(home, land_month(home, OCTOBER, leave_out=[GAP]))
    second = issue_month(home, OCTOBER, date(2026, 11, 2))
    return {entry.subject: entry for entry in (*first, *second)}
