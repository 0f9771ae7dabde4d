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
from landed import land

from connectors.clock import VARIABLE
from connectors.sandbox.server import Sandbox
from connectors.stream import UsageDay
from connectors.xopero import VENDOR
from tests.warehouse.staged import built
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


D1 = DAYS[0]


def usage(**fields: Any) -> dict[str, Any]:
    """A row of customer_usage; of the customer's own account unless told otherwise."""
    return {
        "customer_id": 7,
        "scope": "account",
        "account_id": 7,
        "account_name": "snow",
        "used_bytes": 3,
        "assigned_bytes": 5,
        "hosts": 10,
        "users": 4,
        "read_at": datetime(2026, 11, 1, 1, tzinfo=UTC),
        **fields,
    }


def whole(**fields: Any) -> dict[str, Any]:
    return usage(scope="customer", account_name=None, capacity_bytes=9, **fields)


def test_the_subscriptions_figures_stand_on_the_customers_own_account(tmp_path: Path) -> None:
    """Once a customer, by the name of that account; the sums over accounts are not staged again."""
    land(
        tmp_path,
        "xopero/customer_usage",
        D1,
        [whole(used_bytes=4), usage(), usage(account_id=8, used_bytes=1)],
    )
    assert built(
        tmp_path,
        "SELECT resource_id, resource_name, meter, CAST(quantity AS BIGINT) FROM staging.usage_snapshot "
        "ORDER BY resource_id, meter",
    ) == [
        ("7", "snow", "assigned_bytes", 5),
        ("7", "snow", "capacity_bytes", 9),
        ("7", "snow", "hosts", 10),
        ("7", "snow", "used_bytes", 3),
        ("7", "snow", "users", 4),
        ("8", "snow", "assigned_bytes", 5),
        ("8", "snow", "used_bytes", 1),
    ]


def test_unlimited_is_no_quantity(tmp_path: Path) -> None:
    """2147483647 hosts have no row, 0 hosts have one."""
    land(tmp_path, "xopero/customer_usage", D1, [whole(hosts=2147483647, users=0), usage()])
    assert built(
        tmp_path,
        "SELECT meter, CAST(quantity AS BIGINT) FROM staging.usage_snapshot WHERE unit <> 'bytes'",
    ) == [("users", 0)]


@pytest.mark.parametrize(
    ("kind", "flag", "is_trial"),
    [
        ("PRODUCT_TYPE_TRIAL", False, True),
        ("PRODUCT_TYPE_TRIAL", True, True),
        ("PRODUCT_TYPE_FULL", True, False),
        ("PRODUCT_TYPE_FREE", False, False),
        (None, True, True),
        (None, None, None),
    ],
)
def test_the_type_of_the_subscription_decides_what_is_a_trial(
    tmp_path: Path, kind: str | None, flag: bool | None, is_trial: bool | None
) -> None:
    """The flag counts only where there is no type; where neither is, nothing is said."""
    land(tmp_path, "xopero/customer_usage", D1, [usage(subscription_type=kind, is_trial=flag)])
    assert built(tmp_path, "SELECT DISTINCT is_trial FROM staging.usage_snapshot") == [(is_trial,)]


@pytest.mark.parametrize(
    ("prices", "staged_price"),
    [
        (["299.00", "299.00"], "299.000000000"),
        (["1249.505"], "1249.505000000"),
        (["299,90"], "299.900000000"),
        (["299"], "299.000000000"),
        (["1,250"], None),
        (["1.250,00"], None),
        (["on request"], None),
        ([None], None),
        (["299.00", "310.00"], None),
        (["299.00", None], None),
    ],
)
def test_only_a_price_all_are_told_and_that_reads_one_way_is_a_list_price(
    tmp_path: Path, prices: list[str | None], staged_price: str | None
) -> None:
    """A comma before three digits could part thousands; another price could be in another currency."""
    variant = {
        "product_class": "business",
        "product_name": "Endpoint",
        "variant_id": 115,
        "variant_name": "XCE100GB",
    }
    rows = [{**variant, "customer_id": n, "price": price} for n, price in enumerate(prices)]
    land(tmp_path, "xopero/available_products", D1, rows)
    found = built(tmp_path, "SELECT CAST(price AS VARCHAR), currency, term_months FROM staging.vendor_price")
    assert found == ([] if staged_price is None else [(staged_price, None, None)])


def test_a_partner_without_status_is_active(tmp_path: Path) -> None:
    """Its fields are not published: only a partner told to be deleted is."""
    land(
        tmp_path,
        "xopero/partners",
        D1,
        [{"partner_id": 1, "username": "a"}, {"partner_id": 2, "login": "b", "status": "DELETED"}],
    )
    assert built(
        tmp_path, "SELECT account_id, name, status, is_active FROM staging.vendor_account ORDER BY account_id"
    ) == [("1", "a", "active", True), ("2", "b", "deleted", False)]
