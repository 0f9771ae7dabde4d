"""All streams against the stand-in server, which names things its own way: the rows are its world's truth."""

from __future__ import annotations

from collections import Counter
from datetime import date
from zoneinfo import ZoneInfo

import pytest

from connectors.infrascale import VENDOR, InfrascaleConnection
from connectors.sandbox.server import Sandbox
from connectors.sandbox.truth import Reading
from connectors.stream import Role, UsageDay

DAY = UsageDay(date(2026, 11, 1), ZoneInfo("UTC"))


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(customers=30) as sandbox:
        sandbox.set_now("2026-11-02T02:00:00+00:00")
        yield sandbox


@pytest.fixture(scope="module")
def rows(sandbox, tmp_path_factory):
    """Stream -> its rows of one night."""
    folder = tmp_path_factory.mktemp("infrascale")
    environment = sandbox.environment(folder)
    fields = {
        name: environment.get(f"INFRASCALE_{name.upper()}") for name in ("base_url", "username", "password")
    }
    pulled = {}
    with VENDOR.open(InfrascaleConnection(**fields), folder) as client:
        for stream in VENDOR.streams:
            pages = [stream.parse(one) for one in stream.fetch(client, DAY) if one.role is Role.ROWS]
            assert not any(page.quarantined or page.unknown_fields for page in pages), stream.name
            pulled[stream.name] = [row for page in pages for row in page.rows.to_pylist()]
    return pulled


def readings(rows) -> Counter[tuple[object, ...]]:
    """The rows as meters, by the rules of staging."""
    known = {row["entity_id"] for row in rows["entities"]}
    (root,) = [row["entity_id"] for row in rows["entities"] if row["parent_entity_id"] not in known]
    owner = {row["username"]: row["entity_id"] for row in rows["accounts"]}
    found = Counter()

    def add(account, resource, product, meter, quantity):
        found[str(account), resource, product, meter, quantity] += 1

    for row in rows["accounts"]:
        for meter, quantity in (
            ("used_bytes", row["used_space_kb"] * 1024),
            ("quota_bytes", row["account_size_mb"] * 1024**2),
            ("windows_devices", row["windows_devices_total"]),
            ("mac_devices", row["mac_devices_total"]),
            ("android_devices", row["android_devices_total"]),
        ):
            add(row["entity_id"], row["username"], "backup", meter, quantity)
    for (username, kind), quantity in Counter(
        (row["username"], row["license_type"]) for row in rows["licenses"]
    ).items():
        add(owner.get(username, root), username, kind, "licenses", quantity)
    for row in rows["cloud_usage"]:
        code = row["source"] if "(" in row["service"] and "(" not in row["source"] else row["service"]
        for meter, quantity in (("cloud_accounts", row["accounts"]), ("cloud_bytes", row["storage_bytes"])):
            if quantity is not None:
                add(row["company_id"], row["icab_account_name"], code.upper(), meter, quantity)
    for row in rows["appliances"]:
        add(row["entity_id"], row["uuid"], "appliance", "used_bytes", row["device_space_used"])
    return found


def test_the_readings_are_the_worlds(sandbox, rows):
    """Every meter of every resource, none more and none less."""
    truth = (reading for reading in sandbox.world.truth(DAY.date) if reading.vendor == "infrascale")
    assert readings(rows) == Counter(map(_key, truth))


def _key(reading: Reading) -> tuple[object, ...]:
    return (reading.account_id, reading.resource_id, reading.product, reading.meter, reading.quantity)


def test_the_entities_are_the_worlds(sandbox, rows):
    """Ids, parents, types and who is active."""
    truth = {
        (one.account_id, one.parent_account_id, one.name, one.account_type, one.is_active)
        for one in sandbox.world.truth_accounts(DAY.date)
        if one.vendor == "infrascale"
    }
    assert truth == {
        (
            str(row["entity_id"]),
            str(row["parent_entity_id"]),
            row["entity_name"],
            row["entity_type"],
            row["is_active"],
        )
        for row in rows["entities"]
    }


def test_the_events_are_the_worlds(sandbox, rows):
    """The day before is complete, whatever zone its clients are in."""
    yesterday = date(2026, 10, 31)
    truth = Counter(
        (one.account_id, one.resource_id, one.event_type, one.status, one.occurred_at, one.uploaded_bytes)
        for one in sandbox.world.truth_events(yesterday)
        if one.vendor == "infrascale"
    )
    assert truth == Counter(
        (
            str(row["entity_id"]),
            row["account_name"],
            row["event_type"],
            row["indicator"],
            row["client_date"],
            row["uploaded_files_size"],
        )
        for row in rows["history_events"]
        if row["client_date"].date() == yesterday
    )


def test_the_second_source_agrees_with_the_first(rows):
    """GetUsedSpaceForAllAccounts has the accounts of GetEntityAccounts with the same figures."""
    first = {row["username"]: row["used_space_kb"] for row in rows["accounts"]}
    assert first == {row["username"]: row["used_space_kb"] for row in rows["used_space"]}
    assert rows["companies"]


def test_nothing_but_reads_was_sent(sandbox, rows):
    """The server saw no write."""
    assert rows
    assert sandbox.refused_writes == []
