"""ReVirt365 in the canonical tables: only what the contract file found."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from landed import land

from tests.warehouse.staged import built

DAY = date(2026, 10, 31)


def test_every_meter_that_is_told_is_a_reading(tmp_path: Path) -> None:
    """A zero is one too, and what is not told has none."""
    told = {"account_id": "c1", "active_seats": 0, "shared_seats": 3, "protected_bytes": 2**62}
    land(tmp_path, "revirt365/usage", DAY, [told])
    assert built(
        tmp_path,
        "SELECT account_id, resource_id, resource_type, product, meter, quantity, unit, is_trial, quality "
        "FROM staging.usage_snapshot ORDER BY meter",
    ) == [
        ("c1", "c1", "customer", "backup365", meter, Decimal(quantity), unit, None, "reported")
        for meter, quantity, unit in (
            ("active_seats", 0, "seats"),
            ("protected_bytes", 2**62, "bytes"),
            ("shared_seats", 3, "seats"),
        )
    ]


def test_resource_and_product_are_taken_where_they_are_told(tmp_path: Path) -> None:
    """So that a customer can have several."""
    row = {"account_id": "c1", "active_seats": 5, "product": "m365", "is_trial": True}
    land(tmp_path, "revirt365/usage", DAY, [{**row, "resource_id": name} for name in ("t1", "t2")])
    sql = "SELECT resource_id, product, is_trial FROM staging.usage_snapshot ORDER BY resource_id"
    assert built(tmp_path, sql) == [("t1", "m365", True), ("t2", "m365", True)]


@pytest.mark.parametrize(
    ("told", "staged"),
    [
        ({"status": "Suspended", "is_active": True}, ("Suspended", True)),
        ({"is_active": True}, ("active", True)),
        ({"is_active": False}, ("inactive", False)),
        ({}, (None, None)),
    ],
)
def test_a_customer_is_a_vendor_account(
    tmp_path: Path, told: dict[str, Any], staged: tuple[Any, ...]
) -> None:
    """Its status is the vendor's word, else what its flag says, else unknown."""
    land(tmp_path, "revirt365/customers", DAY, [{"account_id": "c1", "name": "Acme", **told}])
    sql = "SELECT account_id, name, account_type, status, is_active FROM staging.vendor_account"
    assert built(tmp_path, sql) == [("c1", "Acme", "customer", *staged)]


@pytest.mark.parametrize(
    ("told", "at", "zone"),
    [
        ("2026-10-31T01:02:03Z", datetime(2026, 10, 31, 1, 2, 3), "utc"),
        ("2026-10-31T01:02:03+02:00", datetime(2026, 10, 30, 23, 2, 3), "utc"),
        ("2026-10-31T01:02:03", datetime(2026, 10, 31, 1, 2, 3), "client"),
        ("yesterday", None, "client"),
        (None, None, "client"),
    ],
)
def test_a_session_is_an_event(tmp_path: Path, told: str | None, at: datetime | None, zone: str) -> None:
    """An instant without offset is on an unknown clock, and is not converted."""
    land(
        tmp_path,
        "revirt365/sessions",
        DAY,
        [{"session_id": "s1", "account_id": "c1", "job_id": "j1", "occurred_at": told, "uploaded_bytes": 7}],
    )
    sql = (
        "SELECT account_id, resource_id, event_type, occurred_at, occurred_at_zone, uploaded_bytes "
        "FROM staging.history_event"
    )
    assert built(tmp_path, sql) == [("c1", "j1", "backup", at, zone, 7)]
