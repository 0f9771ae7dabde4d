"""ResellerClub in the canonical tables: what was ordered, by the days on which it was."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from landed import land

from connectors.clock import VARIABLE
from connectors.resellerclub import VENDOR
from connectors.sandbox.server import Sandbox
from connectors.stream import UsageDay
from tests.warehouse.staged import built
from warehouse.build import build_days
from warehouse.landing import Landing
from warehouse.query import query

D1 = date(2026, 11, 1)


def order(order_id: str, **fields: Any) -> dict[str, Any]:
    return {
        "region": "us",
        "order_id": int(order_id),
        "customer_id": 17,
        "product_key": "acronisbackupus",
        "plan_id": 1188,
        "storage_gib": 250,
        "status": "Active",
        "created_at": datetime(2026, 3, 2, 10, tzinfo=UTC),
        "ends_at": datetime(2027, 3, 2, 10, tzinfo=UTC),
        "started_on": date(2026, 3, 2),
        "ends_on": date(2027, 3, 2),
        "description": f"Backup {order_id}",
        **fields,
    }


def price(**fields: Any) -> dict[str, Any]:
    return {
        "product_key": "acronisbackupus",
        "plan_id": 1188,
        "action": "add",
        "months": 12,
        "price": Decimal("48.100000001"),
        "currency": "USD",
        **fields,
    }


def transaction(transaction_id: str, on: date, **fields: Any) -> dict[str, Any]:
    return {
        "transaction_id": int(transaction_id),
        "occurred_at": datetime(on.year, on.month, on.day, 12, tzinfo=UTC),
        "occurred_on": on,
        "kind": "invoice",
        "selling_currency": "USD",
        "selling_amount": Decimal("-90.540"),
        "accounting_currency": "INR",
        "accounting_amount": Decimal("-7524.123"),
        **fields,
    }


def test_an_order_is_a_reading_of_its_storage(tmp_path: Path) -> None:
    """Gibibytes as ordered; the vendor tells no stored bytes."""
    land(tmp_path, "resellerclub/orders", D1, [order("11")])
    assert built(
        tmp_path,
        "SELECT account_id, resource_id, resource_name, resource_type, product, meter, quantity, unit, "
        "is_trial, quality FROM staging.usage_snapshot",
    ) == [
        (
            "17",
            "11",
            "Backup 11",
            "order",
            "1188",
            "ordered_gib",
            250,
            "GiB",
            False,
            "reported",
        )
    ]


@pytest.mark.parametrize(
    ("starts", "ends", "counts"),
    [
        (D1, D1 + timedelta(days=1), True),
        (D1 - timedelta(days=9), D1, False),
        (D1 + timedelta(days=1), D1 + timedelta(days=30), False),
        (D1, D1, False),
    ],
)
def test_an_order_counts_from_the_day_it_was_made_until_the_day_before_it_ends(
    tmp_path: Path, starts: date, ends: date, counts: bool
) -> None:
    """Creation <= day < end; outside of that it is no reading, and still a subscription."""
    land(tmp_path, "resellerclub/orders", D1, [order("11", started_on=starts, ends_on=ends)])
    assert (built(tmp_path, "SELECT 1 FROM staging.usage_snapshot") == [(1,)]) is counts
    assert built(tmp_path, "SELECT started_on, ends_on FROM staging.subscription") == [(starts, ends)]


def test_the_mean_over_a_months_days_is_the_prorated_quantity(tmp_path: Path) -> None:
    """An order of 300 GiB made on the 21st of a month of 30 days is 100 GiB of that month."""
    days = [D1 + timedelta(days=n) for n in range(30)]
    for day in days:
        rows = [order("11", started_on=date(2026, 11, 21), storage_gib=300)] if day.day >= 21 else []
        land(tmp_path, "resellerclub/orders", day, rows)
    assert built(tmp_path, "SELECT sum(quantity), count(*) FROM staging.usage_snapshot") == [(3000, 10)]


def test_an_order_is_a_subscription_with_plan_term_and_size(tmp_path: Path) -> None:
    """The status is the vendor's, in lower case."""
    land(tmp_path, "resellerclub/orders", D1, [order("11", status="Suspended")])
    assert built(
        tmp_path,
        "SELECT account_id, subscription_id, product, plan, status, quantity, unit FROM staging.subscription",
    ) == [("17", "11", "acronisbackupus", "1188", "suspended", 250, "GiB")]


@pytest.mark.parametrize(("status", "active"), [("Active", True), ("Suspended", False), ("Deleted", False)])
def test_a_customer_is_a_vendor_account_below_the_reseller(tmp_path: Path, status: str, active: bool) -> None:
    """By its company; a private person has none."""
    person = {"customer_id": 17, "reseller_id": 528210, "name": "Ada", "status": status}
    land(tmp_path, "resellerclub/customers", D1, [person | {"company": None}])
    assert built(
        tmp_path,
        "SELECT account_id, parent_account_id, name, account_type, status, is_active "
        "FROM staging.vendor_account",
    ) == [("17", "528210", "Ada", "customer", status.lower(), active)]


def test_what_we_pay_and_what_customers_pay_are_two_kinds_of_price(tmp_path: Path) -> None:
    """By plan and tenure, every digit kept, and renewals apart; addons stay in the raw rows."""
    land(
        tmp_path,
        "resellerclub/cost_prices",
        D1,
        [price(), price(action="renew", price=Decimal(47)), price(action="addon", plan_id=None, months=None)],
    )
    land(tmp_path, "resellerclub/customer_prices", D1, [price(price=Decimal(60))])
    assert built(
        tmp_path,
        "SELECT product, plan, price_kind, term_months, currency, price "
        "FROM staging.vendor_price ORDER BY ALL",
    ) == [
        ("acronisbackupus", "1188", "cost", 12, "USD", Decimal("48.100000001")),
        ("acronisbackupus", "1188", "customer", 12, "USD", Decimal("60.000000000")),
        ("acronisbackupus", "1188", "renewal", 12, "USD", Decimal("47.000000000")),
    ]


def test_a_transaction_belongs_to_its_own_day_and_no_other(tmp_path: Path) -> None:
    """The search is asked a second wider; a neighbour's row in the answer is staged on its own day."""
    rows = [transaction(str(day), date(2026, 11, day)) for day in (1, 2)]
    land(tmp_path, "resellerclub/transactions", D1, rows)
    land(tmp_path, "resellerclub/transactions", date(2026, 11, 2), rows)
    assert built(
        tmp_path,
        "SELECT transaction_id, usage_date, currency, amount FROM staging.vendor_transaction ORDER BY ALL",
    ) == [
        ("1", D1, "USD", Decimal("-90.5400")),
        ("2", date(2026, 11, 2), "USD", Decimal("-90.5400")),
    ]


def told(rows: Iterable[Any]) -> Counter[tuple[Any, ...]]:
    return Counter(tuple(row)[1:] for row in rows if row.vendor == "resellerclub")


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kolkata"])
def test_what_is_staged_of_three_nights_is_the_worlds_truth(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, zone: str
) -> None:
    """Over the end of a month, through the landing, table by table, every row and nothing else."""
    days = [UsageDay(date(2026, 10, 30) + timedelta(days=n), ZoneInfo(zone)) for n in range(3)]
    with Sandbox(customers=40, zone=ZoneInfo(zone)) as sandbox:
        values = sandbox.environment(tmp_path / "keys")
        connection = VENDOR.connection(
            base_url=values["RESELLERCLUB_BASE_URL"],
            auth_userid=values["RESELLERCLUB_AUTH_USERID"],
            api_key=values["RESELLERCLUB_API_KEY"],
            requests_per_second=10_000,
        )
        landing = Landing(tmp_path / "raw")
        with VENDOR.open(connection, tmp_path) as client:
            for day in days:
                now = (day.ends_at + timedelta(hours=2)).isoformat()
                sandbox.set_now(now)
                monkeypatch.setenv(VARIABLE, now)
                for stream in VENDOR.streams:
                    pull = landing.land(stream, "default", day, partial(stream.fetch, client, day))
                    assert (pull.quarantined, pull.unknown_fields) == (0, ())
        world = sandbox.world
    build_days(tmp_path, None, [day.date for day in days])
    for day in days:

        def staged(table: str, columns: str, on: date = day.date) -> Counter[tuple[Any, ...]]:
            sql = f"SELECT {columns} FROM staging.{table} WHERE usage_date = DATE '{on}'"
            return Counter(query(tmp_path / "warehouse.duckdb", sql).rows)

        assert told(world.truth(day.date)) == staged(
            "usage_snapshot",
            "account_id, resource_id, resource_name, resource_type, product, meter, quantity, unit, is_trial",
        )
        assert told(world.truth_accounts(day.date)) == staged(
            "vendor_account", "account_id, parent_account_id, name, account_type, status, is_active"
        )
        assert told(world.truth_subscriptions(day.date)) == staged(
            "subscription",
            "account_id, subscription_id, product, plan, status, is_trial, quantity, unit, "
            "started_on, ends_on",
        )
        assert told(world.truth_prices(day.date)) == staged(
            "vendor_price", "product, plan, price_kind, term_months, currency, price"
        )
        assert told(world.truth_transactions(day.date)) == staged(
            "vendor_transaction",
            "transaction_id, occurred_at, kind, order_id, product, currency, amount, tax_amount, description",
        )
    secrets = [values["RESELLERCLUB_API_KEY"].encode(), b"RCPASSWORD", b"RCPIN"]
    for path in tmp_path.rglob("*"):
        if path.is_file():
            assert not any(secret in path.read_bytes() for secret in secrets), path
