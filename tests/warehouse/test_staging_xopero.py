"""Xopero in the canonical tables: what its stand-in tells, through the wire, equals what is true there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.clock import VARIABLE
from connectors.sandbox.server import Sandbox
from connectors.stream import UsageDay
from connectors.xopero import VENDOR
from warehouse.build import build_days
from warehouse.landing import Landing
from warehouse.query import query

DAYS = [date(2026, 10, 31), date(2026, 11, 1), date(2026, 11, 15)]


@pytest.fixture(scope="module")
def landed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Sandbox, Path]]:
    """Every stream of every day, landed from the stand-in and built."""
    home = tmp_path_factory.mktemp("home")
    with ExitStack() as until_then:
        monkeypatch = until_then.enter_context(pytest.MonkeyPatch.context())
        sandbox = until_then.enter_context(Sandbox(customers=120))
        told = sandbox.environment(home / "keys")
        connection = VENDOR.connection(
            base_url=told["XOPERO_BASE_URL"], login=told["XOPERO_NAME"], password=told["XOPERO_PASSWORD"]
        )
        landing = Landing(home / "raw")
        for date_ in DAYS:
            night = datetime.combine(date_ + timedelta(days=1), time(1), UTC).isoformat()
            monkeypatch.setenv(VARIABLE, night)
            sandbox.set_now(night)
            day = UsageDay(date_, ZoneInfo("UTC"))
            with VENDOR.open(connection, home) as client:
                for stream in VENDOR.streams:
                    landing.land(stream, "default", day, lambda s=stream, c=client, d=day: s.fetch(c, d))
        build_days(home, None, DAYS)
        yield sandbox, home / "warehouse.duckdb"


def staged(warehouse: Path, table: str, columns: list[str], day: date) -> list[tuple[Any, ...]]:
    sql = f"SELECT {', '.join(columns)} FROM staging.{table} WHERE usage_date = DATE '{day}'"
    return sorted(query(warehouse, sql).rows, key=repr)


def true(rows: Any, columns: list[str]) -> list[tuple[Any, ...]]:
    told = [row for row in rows if row.vendor == "xopero"]
    assert told
    return sorted((tuple(getattr(row, column) for column in columns) for row in told), key=repr)


def exact(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """The same rows with each Decimal that is whole as an int."""
    return sorted(
        (tuple(int(v) if isinstance(v, Decimal) and v == int(v) else v for v in row) for row in rows),
        key=repr,
    )


@pytest.mark.parametrize("day", DAYS)
def test_staged_usage_is_what_is_true(landed: tuple[Sandbox, Path], day: date) -> None:
    """Every meter of every account: to the byte, with its trial flag, and not a row more."""
    sandbox, warehouse = landed
    columns = ["account_id", "resource_id", "resource_name", "resource_type", "product", "meter", "quantity"]
    columns += ["unit", "is_trial"]
    rows = exact(staged(warehouse, "usage_snapshot", columns, day))
    assert rows == true(sandbox.world.truth(day), columns)
    assert 2147483647 not in {row[6] for row in rows}


@pytest.mark.parametrize("day", DAYS)
def test_staged_accounts_are_those_there_are(landed: tuple[Sandbox, Path], day: date) -> None:
    """Customers and partners, deleted ones as deleted."""
    sandbox, warehouse = landed
    columns = ["account_id", "parent_account_id", "name", "account_type", "status", "is_active"]
    rows = staged(warehouse, "vendor_account", columns, day)
    assert rows == true(sandbox.world.truth_accounts(day), columns)
    assert {"deleted", "active"} == {row[4] for row in rows}


@pytest.mark.parametrize("day", DAYS)
def test_staged_subscriptions_are_those_there_are(landed: tuple[Sandbox, Path], day: date) -> None:
    """With plan, capacity and the dates of the vendor's own clock."""
    sandbox, warehouse = landed
    columns = ["account_id", "subscription_id", "product", "plan", "status", "is_trial", "quantity", "unit"]
    columns += ["started_on", "ends_on"]
    rows = exact(staged(warehouse, "subscription", columns, day))
    assert rows == true(sandbox.world.truth_subscriptions(day), columns)


@pytest.mark.parametrize("day", DAYS)
def test_staged_prices_are_the_list(landed: tuple[Sandbox, Path], day: date) -> None:
    """One row a variant, in no currency, since none is told."""
    sandbox, warehouse = landed
    columns = ["product", "plan", "price_kind", "term_months", "currency", "price"]
    rows = staged(warehouse, "vendor_price", columns, day)
    assert rows == true(sandbox.world.truth_prices(day), columns)
    assert {row[4] for row in rows} == {None}
