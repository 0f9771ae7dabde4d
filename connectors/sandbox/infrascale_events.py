"""Backup history at Infrascale: events at client-local times, seen by us once they have happened."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from connectors.sandbox.chance import mix
from connectors.sandbox.infrascale_day import alive_on, owner_on, used_kb_on
from connectors.sandbox.infrascale_plans import AccountPlan, InfrascalePlans
from connectors.sandbox.portfolio import day_number

_KINDS = ("Online", "ImageStream", "MSSQL", "ApplianceFileFolderBackup")


class Event(NamedTuple):
    """A row of GetHistoryEvents, and when it really happened (which is not on the wire)."""

    indicator: str
    event_type: str
    account_name: str
    account_type: str
    system_name: str
    client_date: datetime  # client-local, without zone
    is_scheduled: bool | None
    total_files: int | None
    total_size: int | None
    error_files: int | None
    error_size: int | None
    uploaded_files: int | None
    uploaded_size: int | None
    unchanged_files: int | None
    unchanged_size: int | None
    duration_seconds: int | None
    backup_type: str
    entity_id: int
    happened_at: datetime  # UTC


def infrascale_events(plans: InfrascalePlans, active: frozenset[int], day: date) -> tuple[Event, ...]:
    """Every event whose client date is `day`, newest client time first, happened or not.

    `active` are the ids of the entities active that day.
    """
    events = [
        event
        for plan in plans.accounts
        if alive_on(plan, day) and owner_on(plan, day) in active
        for event in _account_events(plan, day)
    ]
    events.sort(key=lambda event: (event.client_date, event.account_name, event.event_type), reverse=True)
    return tuple(events)


def _account_events(plan: AccountPlan, day: date) -> Iterator[Event]:
    n = day_number(day)
    chance = mix(plan.key, n, 77)
    start = datetime.combine(day, time(20)) + timedelta(seconds=chance % 12_000, milliseconds=chance % 3)
    if chance % 10 == 0:
        yield _event(plan, "Warning", "NoBackupEvent1", datetime.combine(day, time(9)), unchanged=(3, 3972))
    elif chance % 23 != 0:
        seconds = chance % 2_000
        uploaded = (chance % 900, 0 if chance % 13 == 0 else chance % 4_000_000_000)
        yield _event(plan, "Ok", "BackupStarted", start)
        done = _event(
            plan,
            "Ok" if chance % 17 else "Error",
            "BackupCompleted",
            start + timedelta(seconds=seconds),
            uploaded=uploaded,
            unchanged=(10_000, 10**12),
            seconds=None if chance % 19 == 0 else seconds,
        )
        yield done
        if chance % 61 == 0:  # the vendor gives events no id: the same row twice is two events
            yield done
    if used_kb_on(plan, n) > plan.size_mb * 1024:
        yield _event(plan, "Warning", "OverQuotaWarning", datetime.combine(day, time(11, 30)))
    if chance % 5 == 0:
        yield _event(plan, "Ok", "ReplicationCompleted", datetime.combine(day, time(3, chance % 60)))


def _event(
    plan: AccountPlan,
    indicator: str,
    event_type: str,
    client_date: datetime,
    *,
    uploaded: tuple[int, int] | None = None,
    unchanged: tuple[int, int] | None = None,
    seconds: int | None = None,
) -> Event:
    no_figures = (None, None)
    total = (uploaded[0] + unchanged[0], uploaded[1] + unchanged[1]) if uploaded and unchanged else no_figures
    errors = (0, 0) if uploaded else no_figures
    uploads, rest = uploaded or no_figures, unchanged or no_figures
    return Event(
        indicator,
        event_type,
        plan.username,
        "BackupAccount",
        f"PC-{plan.key}",
        client_date,
        None if event_type == "OverQuotaWarning" else plan.key % 4 != 0,
        total[0],
        total[1],
        errors[0],
        errors[1],
        uploads[0],
        uploads[1],
        rest[0],
        rest[1],
        seconds,
        _KINDS[plan.key % len(_KINDS)],
        owner_on(plan, client_date.date()),
        client_date.replace(tzinfo=UTC) - timedelta(minutes=plan.offset_minutes),
    )
