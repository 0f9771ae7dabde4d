"""The world is the same for ever, and holds what trips pipelines up."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from connectors.sandbox.truth import Reading
from connectors.sandbox.world import World

DAY = date(2026, 10, 14)
MONTH = [date(2026, 10, n) for n in range(1, 32)]


@pytest.fixture(scope="module")
def world():
    return World()


def test_a_day_depends_on_seed_size_and_day_only(world):
    """Another world object, asked in another order, tells the same."""
    again = World()
    list(again.truth(DAY + timedelta(days=40)))
    assert list(again.truth(DAY)) == list(world.truth(DAY))
    assert list(again.truth_events(DAY)) == list(world.truth_events(DAY))
    assert list(again.truth_subscriptions(DAY)) == list(world.truth_subscriptions(DAY))
    assert list(again.truth_transactions(DAY)) == list(world.truth_transactions(DAY))
    assert list(World(seed=8).truth(DAY)) != list(world.truth(DAY))


@pytest.mark.parametrize(
    ("zone", "instant", "day"),
    [
        ("UTC", "2026-10-15T00:00:00+00:00", "2026-10-14"),
        ("UTC", "2026-10-15T11:59:59+00:00", "2026-10-14"),
        ("UTC", "2026-10-15T12:00:00+00:00", "2026-10-15"),
        ("Europe/Amsterdam", "2026-10-25T10:59:59+00:00", "2026-10-24"),
        ("Europe/Amsterdam", "2026-10-25T11:00:00+00:00", "2026-10-25"),
    ],
)
def test_a_days_closing_figures_stand_until_noon_after_it(zone, instant, day):
    """Noon is noon on the wall, on days with 25 hours too."""
    assert World(1, zone=ZoneInfo(zone)).day_at(datetime.fromisoformat(instant)) == date.fromisoformat(day)


@pytest.mark.parametrize("size", [1, 8, 200])
def test_every_reading_is_told_once(size):
    """Account, resource, type, product and meter name one reading, in worlds of any size."""
    readings = list(World(size).truth(DAY))
    assert len({row[:3] + row[4:7] for row in readings}) == len(readings) > 0


def test_figures_exceed_what_a_double_can_count(world):
    """Bytes above 2^53 that are odd: a float on the way would change them."""
    for vendor in ("infrascale", "redstor", "xopero"):
        assert any(
            row.quantity > 2**53 and int(float(row.quantity)) != row.quantity
            for day in MONTH[:3]
            for row in world.truth(day)
            if row.vendor == vendor
        )


def test_zero_is_a_reading(world):
    """Accounts that store nothing and services nobody uses are told with 0, not left out."""
    zeros = {(row.vendor, row.meter) for row in world.truth(DAY) if row.quantity == 0}
    assert {
        ("infrascale", "used_bytes"),
        ("infrascale", "cloud_accounts"),
        ("redstor", "protected_bytes"),
        ("redstor", "active_seats"),
    } <= zeros


def test_services_that_tell_nothing_are_no_reading(world):
    """A cloud line with neither seats nor bytes is there, and no reading comes of it."""
    lines = world.infrascale(DAY).cloud_lines
    silent = [line for line in lines if line.accounts is None and line.storage_bytes is None]
    told = [row for row in world.truth(DAY) if row.resource_type == "cloud_service"]
    assert silent
    assert len(told) == len(lines) - len(silent)


def test_cloud_labels_stand_in_either_column(world):
    """Source and Service are swapped in some rows; the truth knows the label by its bracket."""
    lines = world.infrascale(DAY).cloud_lines
    assert {"(" in line.source for line in lines if "(" in line.source + line.service} == {True, False}
    products = {row.product for row in world.truth(DAY) if row.resource_type == "cloud_service"}
    assert products == {"MS365", "ONEDRIVE", "SHAREPOINT", "GSUITE", "BOX"}


def test_a_licence_of_a_vanished_account_is_the_roots(world):
    """Nobody owns it any more, and it still costs."""
    day = world.infrascale(DAY)
    orphans = {held.username for held in day.licenses} - {account.username for account in day.accounts}
    owners = {row.account_id for row in world.truth(DAY) if row.resource_id in orphans}
    assert orphans
    assert owners == {str(day.root.entity_id)}


def test_accounts_come_go_and_move_within_a_month(world):
    """Every month has an account that visits, one that changes company, and a trial that becomes paid."""
    seen = [{a.username: a.entity_id for a in world.infrascale(day).accounts} for day in MONTH]
    visiting = next(name for name in seen[9] if name.rpartition(".")[2] == "1-1")
    assert [visiting in day for day in seen] == [10 <= day.day <= 20 for day in MONTH]
    assert any(seen[13][name] != seen[14][name] for name in seen[13].keys() & seen[14].keys())
    trials = [{s.subscription_id: s.trial_status for s in world.redstor(day).subscriptions} for day in MONTH]
    assert ("Trial", "Upgraded") in {(trials[14][s], trials[15].get(s)) for s in trials[14]}


def test_the_tree_follows_the_hierarchy_rules(world):
    """Own id in the own level column, 0 where a level does not apply, some entities inactive."""
    day = world.infrascale(DAY)
    assert day.root.parent_id not in day.by_id
    assert {entity.is_active for entity in day.entities} == {True, False}
    for entity in day.entities:
        levels = {
            "Distributor": entity.distributor_id,
            "Partner": entity.partner_id,
            "Company": entity.company_id,
        }
        assert levels[entity.entity_type] == entity.entity_id
        assert entity.distributor_id == day.root.entity_id
    assert day.tree(day.root.entity_id) == set(day.by_id)
    assert any(account.entity_id == day.root.entity_id for account in day.accounts)
    assert {day.by_id[account.entity_id].entity_type for account in day.accounts} == {
        "Distributor",
        "Partner",
        "Company",
    }


def test_company_summaries_add_up_to_the_accounts(world):
    """The second source agrees with the first, company by company."""
    day = world.infrascale(DAY)
    for summary in day.company_summaries:
        accounts = [account for account in day.accounts if account.entity_id == summary.company_id]
        assert summary.used_kb == sum(account.used_kb for account in accounts)
        assert summary.allocated_mb == sum(account.size_mb for account in accounts)
        assert summary.accounts == len(accounts)


def test_an_event_is_seen_only_once_it_has_happened(world):
    """At one in the morning the evening has not happened yet in the west."""
    since, until = datetime.fromisoformat("2026-10-14"), datetime.fromisoformat("2026-10-15")
    at_night = world.infrascale_events(since, until, datetime(2026, 10, 15, 1, tzinfo=UTC))
    a_day_later = world.infrascale_events(since, until, datetime(2026, 10, 16, 1, tzinfo=UTC))
    complete = [event for event in world.truth_events(DAY) if event.vendor == "infrascale"]
    assert 0 < len(at_night) < len(a_day_later) == len(complete)
    assert all(since <= event.client_date < until for event in a_day_later)


def test_events_may_repeat_to_the_letter(world):
    """They have no id: two equal rows are two events."""
    month = [event for day in MONTH for event in world.truth_events(day) if event.vendor == "infrascale"]
    assert len(set(month)) < len(month)
    assert {
        "BackupStarted",
        "BackupCompleted",
        "NoBackupEvent1",
        "OverQuotaWarning",
        "ReplicationCompleted",
    } == {event.event_type for event in month}


def test_names_are_as_odd_as_in_life(world):
    """Brackets, quotes, blanks at the ends, formulas, emoji, and names that are not set."""
    names = {entity.name for entity in world.infrascale(DAY).entities}
    assert {
        "Żółć & Söhne <GmbH>",
        "  Leading Blank Ltd",
        "Trailing Blank Ltd  ",
        "=cmd|' /C calc'!A0",
    } <= names
    accounts = world.infrascale(DAY).accounts
    assert {None, "Not set"} <= {account.full_name for account in accounts}
    unnamed = {account.username for account in accounts if account.full_name in {None, "Not set"}}
    told = {row.resource_name for row in world.truth(DAY) if row.resource_id in unnamed}
    assert told == unnamed


def test_a_reading_has_the_columns_of_staging():
    """The names that staging and its tests rely on."""
    assert Reading._fields == (
        "vendor",
        "account_id",
        "resource_id",
        "resource_name",
        "resource_type",
        "product",
        "meter",
        "quantity",
        "unit",
        "is_trial",
    )


@pytest.mark.parametrize("size", [0, 100_001])
def test_a_world_has_limits(size):
    """A size that makes no sense is refused at once."""
    with pytest.raises(ValueError, match="1 to 100,000 customers"):
        World(size)
