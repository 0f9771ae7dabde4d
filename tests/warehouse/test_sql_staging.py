"""From landed rows to the canonical tables, vendor by vendor."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from landed import account, consumption, land

from tests.warehouse.staged import built
from warehouse.build import build_days
from warehouse.query import query

D1, D2, D3 = (date(2026, 10, n) for n in (1, 2, 3))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path


def readings(home: Path, *, meter: str = "%") -> list[tuple[Any, ...]]:
    return built(
        home,
        "SELECT account_id, resource_id, resource_name, resource_type, product, meter, quantity, unit "
        f"FROM staging.usage_snapshot WHERE meter LIKE '{meter}' ORDER BY ALL",
    )


def test_kilobytes_and_megabytes_become_bytes_without_a_float(home: Path) -> None:
    """UsedSpaceKB counts 1024 bytes and AccountSizeMB 1048576, also above 2^53 bytes."""
    huge = 2**43 + 1
    land(home, "infrascale/accounts", D1, [account(5, "ann", used_space_kb=huge, account_size_mb=51200)])
    found = {row[5]: row[6] for row in readings(home)}
    assert found["used_bytes"] == Decimal(huge * 1024)
    assert found["quota_bytes"] == Decimal(51200 * 1048576)


def test_zero_is_a_reading_and_nothing_is_none(home: Path) -> None:
    """A reported 0 is a row; a figure the vendor left out is not."""
    land(home, "infrascale/accounts", D1, [account(5, "ann", used_space_kb=0, account_size_mb=None)])
    assert {row[5] for row in readings(home)} == {
        "used_bytes",
        "windows_devices",
        "mac_devices",
        "android_devices",
    }


@pytest.mark.parametrize("full_name", [None, "Not set"])
def test_an_account_without_a_name_goes_by_its_user_name(home: Path, full_name: str | None) -> None:
    """FullName may be absent, or the literal Not set."""
    land(home, "infrascale/accounts", D1, [account(5, "ann", full_name=full_name)])
    assert {row[2] for row in readings(home)} == {"ann"}


ENTITIES = [
    {
        "entity_id": 4,
        "entity_name": "We",
        "parent_entity_id": 1,
        "entity_type": "Distributor",
        "is_active": True,
    },
    {
        "entity_id": 5,
        "entity_name": "They",
        "parent_entity_id": 4,
        "entity_type": "Company",
        "is_active": False,
    },
]


def test_licences_are_counted_and_belong_to_whoever_owns_the_account(home: Path) -> None:
    """One reading for each user and type; a user that no account bears is the root's."""
    land(home, "infrascale/entities", D1, ENTITIES)
    land(home, "infrascale/accounts", D1, [account(5, "ann")])
    held = [("ann", "SqlBackup"), ("ann", "SqlBackup"), ("ann", "ExchangeBackup"), ("gone", "SqlBackup")]
    land(home, "infrascale/licenses", D1, [{"username": user, "license_type": kind} for user, kind in held])
    assert readings(home, meter="licenses") == [
        ("4", "gone", "gone", "license", "SqlBackup", "licenses", 1, "licenses"),
        ("5", "ann", "ann", "license", "ExchangeBackup", "licenses", 1, "licenses"),
        ("5", "ann", "ann", "license", "SqlBackup", "licenses", 2, "licenses"),
    ]


def test_licences_without_the_days_accounts_are_nobodys(home: Path) -> None:
    """When the accounts could not be pulled, the root does not get everyone's licences."""
    land(home, "infrascale/entities", D1, ENTITIES)
    land(home, "infrascale/accounts", D1, None, reason="The vendor was down.")
    land(home, "infrascale/licenses", D1, [{"username": "ann", "license_type": "SqlBackup"}])
    assert [row[0] for row in readings(home)] == ["0"]


@pytest.mark.parametrize(
    ("source", "service", "label", "product"),
    [
        ("OneDrive (business)", "onedrive", "OneDrive (business)", "ONEDRIVE"),
        ("ms365", "Office 365 Exchange (x)", "Office 365 Exchange (x)", "MS365"),
        ("Box", "BOX", "Box", "BOX"),
    ],
)
def test_a_cloud_service_is_named_by_the_label_for_people(
    home: Path, source: str, service: str, label: str, product: str
) -> None:
    """The vendor swaps Source and Service; the one with a parenthesis is the label."""
    line = {"company_id": 5, "icab_account_name": "box1", "source": source, "service": service, "accounts": 7}
    land(home, "infrascale/cloud_usage", D1, [line])
    assert readings(home) == [("5", "box1", label, "cloud_service", product, "cloud_accounts", 7, "seats")]


def test_a_cloud_service_that_is_only_configured_has_no_reading(home: Path) -> None:
    """Neither Accounts nor StorageBytes is not zero of both."""
    line = {"company_id": 5, "icab_account_name": "box1", "source": "Box", "service": "BOX"}
    land(home, "infrascale/cloud_usage", D1, [line])
    assert readings(home) == []


def test_an_appliance_is_its_primary(home: Path) -> None:
    """The secondary is a copy of the same data."""
    box = {
        "entity_id": 5,
        "uuid": "u1",
        "name": "Box",
        "device_space_used": 9,
        "secondary_device_space_used": 9,
    }
    land(home, "infrascale/appliances", D1, [box])
    assert readings(home) == [("5", "u1", "Box", "appliance", "appliance", "used_bytes", 9, "bytes")]


def test_companies_and_used_space_are_not_counted_again(home: Path) -> None:
    """GetCompaniesSummary and GetUsedSpaceForAllAccounts tell bytes that the accounts have told."""
    land(home, "infrascale/companies", D1, [{"company_entity_id": 5, "used_space_kb": 1}])
    land(home, "infrascale/used_space", D1, [{"username": "ann", "used_space_kb": 1}])
    assert readings(home) == []


def totals(home: Path) -> list[tuple[Any, ...]]:
    return built(
        home,
        "SELECT scope, account_id, resource_id, resource_type, meter, quantity, unit, stream "
        "FROM staging.vendor_total ORDER BY ALL",
    )


def test_what_infrascale_sums_is_of_a_company_or_of_an_account(home: Path) -> None:
    """In bytes; the systems of an account are added up, and a figure left out is no total."""
    company = {"company_entity_id": 5, "used_space_kb": 3, "allocated_space_mb": 2}
    land(home, "infrascale/companies", D1, [company, {"company_entity_id": 6, "used_space_kb": 0}])
    systems = [{"username": "ann", "used_space_kb": n, "system_name": f"PC{n}"} for n in (1, 2)]
    land(home, "infrascale/used_space", D1, systems)
    assert totals(home) == [
        ("account", "5", None, "backup_account", "quota_bytes", 2 * 1048576, "bytes", "companies"),
        ("account", "5", None, "backup_account", "used_bytes", 3 * 1024, "bytes", "companies"),
        ("account", "6", None, "backup_account", "used_bytes", 0, "bytes", "companies"),
        ("resource", None, "ann", "backup_account", "used_bytes", 3 * 1024, "bytes", "used_space"),
    ]


def test_what_redstor_sums_is_its_own_consumption_or_that_of_all_below(home: Path) -> None:
    """Two scopes of the company of the credentials; licensed users are not told by version 1."""
    summary = {"company_id": "AA", "protected_bytes": 7, "active_seats": 0}
    halves = [{**summary, "scope": "company"}, {**summary, "scope": "customers", "protected_bytes": 9}]
    land(home, "redstor/consumption_summary", D1, halves)
    assert [row[:6] for row in totals(home)] == [
        ("account", "aa", None, "subscription", "active_seats", 0),
        ("account", "aa", None, "subscription", "protected_bytes", 7),
        ("below", "aa", None, "subscription", "active_seats", 0),
        ("below", "aa", None, "subscription", "protected_bytes", 9),
    ]


def test_what_xopero_sums_is_of_a_customer(home: Path) -> None:
    """Its accounts are readings, and its capacity is no sum."""
    sums = {
        "customer_id": 2300,
        "account_id": 2300,
        "used_bytes": 5,
        "assigned_bytes": 8,
        "capacity_bytes": 9,
    }
    land(
        home,
        "xopero/customer_usage",
        D1,
        [{**sums, "scope": "customer"}, {**sums, "scope": "account", "capacity_bytes": None}],
    )
    assert [row[:6] for row in totals(home)] == [
        ("account", "2300", None, "account", "assigned_bytes", 8),
        ("account", "2300", None, "account", "used_bytes", 5),
    ]


def test_a_balance_is_a_total_in_its_currency(home: Path) -> None:
    """No readings are summed in it."""
    row = {"reseller_id": 7, "currency": "USD", "balance": Decimal("12.5"), "locked_balance": Decimal(0)}
    land(home, "resellerclub/balance", D1, [row])
    assert totals(home) == [("account", "7", None, None, "balance", Decimal("12.5"), "USD", "balance")]


def test_redstor_names_the_product_by_sku_or_else_by_number(home: Path) -> None:
    """An empty or missing sku gives product-<productId>; ids are compared in lower case."""
    land(
        home,
        "redstor/consumption",
        D1,
        [
            consumption("AA", active_seats=3),
            consumption("bb", sku="", active_seats=0, licensed_users=2),
            consumption("cc", sku=None, product_id=57, protected_bytes=1),
        ],
    )
    assert [(row[0], row[4], row[5], row[6]) for row in readings(home)] == [
        ("aa", "RS-M365", "active_seats", 3),
        ("bb", "product-4", "active_seats", 0),
        ("bb", "product-4", "licensed_users", 2),
        ("cc", "product-57", "protected_bytes", 1),
    ]


def test_both_vendors_tell_their_accounts(home: Path) -> None:
    """Entities and companies are vendor accounts, inactive ones and the root included."""
    land(home, "infrascale/entities", D1, ENTITIES)
    company = {"company_id": "AA", "company_name": "They", "type": "Partner", "is_enabled": True}
    land(home, "redstor/companies", D1, [{**company, "parent_company_id": "BB"}])
    assert built(
        home,
        "SELECT vendor, account_id, parent_account_id, account_type, status, is_active "
        "FROM staging.vendor_account ORDER BY ALL",
    ) == [
        ("infrascale", "4", "1", "Distributor", "active", True),
        ("infrascale", "5", "4", "Company", "inactive", False),
        ("redstor", "aa", "bb", "Partner", "active", True),
    ]


def test_a_subscription_on_trial_says_so(home: Path) -> None:
    """trialStatus Trial is a trial; Upgraded, Expired and the others are not."""
    land(
        home,
        "redstor/subscriptions",
        D1,
        [
            {"company_id": "aa", "subscription_id": f"s{n}", "product_id": 4, "edition_id": 9,
             "is_active": True, "trial_status": status}
            for n, status in enumerate(["Trial", "Upgraded"])
        ],
    )  # fmt: skip
    assert built(
        home, "SELECT subscription_id, product, plan, is_trial FROM staging.subscription ORDER BY 1"
    ) == [
        ("s0", "product-4", "edition-9", True),
        ("s1", "product-4", "edition-9", False),
    ]


@pytest.mark.parametrize(
    ("counters", "status"),
    [
        ({"failed": 1, "success": 9}, "failed"),
        ({"errors": 1, "success": 9}, "warning"),
        ({"warnings": 1}, "warning"),
        ({"success": 9}, "success"),
        ({}, "none"),
    ],
)
def test_a_backup_status_is_its_worst_counter(home: Path, counters: dict[str, int], status: str) -> None:
    """Failed before warnings before success; no counter at all is none."""
    row = dict.fromkeys(("success", "errors", "warnings", "failed"), 0) | counters
    land(
        home,
        "redstor/backup_status",
        D1,
        [{"company_id": "aa", "product_id": 4, "product_name": "M365", **row}],
    )
    assert built(home, "SELECT status, occurred_at, occurred_at_zone FROM staging.history_event") == [
        (status, datetime(2026, 10, 2), "utc")
    ]


def event(name: str, client_date: datetime | None) -> dict[str, Any]:
    return {"entity_id": 5, "account_name": name, "event_type": "BackupCompleted", "client_date": client_date}


EARLY, LATE = datetime(2026, 10, 1, 9), datetime(2026, 10, 1, 23, 30)


@pytest.mark.parametrize("order", [[D1, D2], [D2, D1]])
def test_a_clients_day_is_whole_when_the_next_pull_has_it(home: Path, order: list[date]) -> None:
    """The pull of the day after replaces what the day's own pull knew, in whichever order they are built."""
    land(home, "infrascale/history_events", D1, [event("ann", EARLY)])
    days = "SELECT usage_date, resource_id FROM staging.history_event ORDER BY ALL"
    build_days(home, None, [D1])
    assert query(home / "warehouse.duckdb", days).rows == [(D1, "ann")]
    next_day = datetime(2026, 10, 2, 8)
    land(
        home,
        "infrascale/history_events",
        D2,
        [event("ann", EARLY), event("bob", LATE), event("cy", next_day)],
    )
    for day in order:
        build_days(home, None, [day])
    assert query(home / "warehouse.duckdb", days).rows == [(D1, "ann"), (D1, "bob"), (D2, "cy")]


def test_an_event_without_a_date_belongs_to_the_day_of_its_pull(home: Path) -> None:
    """It is kept, also once the next day is landed."""
    land(home, "infrascale/history_events", D1, [event("ann", None)])
    land(home, "infrascale/history_events", D2, [])
    assert built(home, "SELECT usage_date, resource_id FROM staging.history_event") == [(D1, "ann")]


CONTRACT = """
staging.vendor_account: vendor connection account_id parent_account_id name account_type status is_active
    usage_date pull_id
staging.usage_snapshot: vendor connection account_id resource_id resource_name resource_type product meter
    usage_date quantity unit is_trial quality pull_id row_no
staging.history_event: vendor connection account_id resource_id event_type status occurred_at
    occurred_at_zone uploaded_bytes duration_seconds detail usage_date pull_id row_no
staging.subscription: vendor connection account_id subscription_id product plan status is_trial quantity
    unit started_on ends_on usage_date pull_id
staging.vendor_price: vendor connection product plan price_kind term_months currency price usage_date
    pull_id
staging.vendor_transaction: vendor connection transaction_id occurred_at kind order_id product currency
    amount tax_amount description document_number account_id sku dimension service_start service_end quantity
    unit unit_price usage_date pull_id row_no
staging.vendor_total: vendor connection scope account_id resource_id resource_type meter usage_date quantity
    unit stream pull_id row_no
"""


def test_the_canonical_tables_have_the_columns_others_query(home: Path) -> None:
    """Names and order are the contract, and there is no table beside it."""
    reports = {report.table: report for report in build_days(home, None, [D1])}
    staged = [[f"{name}:", *dict(reports[name].columns)] for name in reports if name.startswith("staging.")]
    wanted = [table.split() for table in CONTRACT.replace("\n    ", " ").strip().splitlines()]
    assert sorted(staged) == sorted(wanted)
    assert dict(reports["staging.usage_snapshot"].columns)["quantity"] == "DECIMAL(28,9)"


def test_every_stream_has_a_raw_view_before_anything_is_landed(home: Path) -> None:
    """It has its types and no rows, so that nobody has to ask whether it is there."""
    build_days(home, None, [D1])
    described = query(home / "warehouse.duckdb", "DESCRIBE raw.redstor_consumption").rows
    assert [row[0] for row in described[:5]] == ["vendor", "connection", "usage_date", "pull_id", "row_no"]
    assert ("is_trial", "BOOLEAN") in [row[:2] for row in described]
    assert query(home / "warehouse.duckdb", "SELECT count(*) FROM raw.infrascale_appliances").rows == [(0,)]
