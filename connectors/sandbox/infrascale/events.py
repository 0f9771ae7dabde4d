"""EntityMonitoringService: the log of backups, the current state of each, and recoveries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from typing import Any

from connectors.sandbox.chance import guid, mix
from connectors.sandbox.infrascale.dotnet import Rows
from connectors.sandbox.infrascale.estate import Estate, Listing, Payload, invalid, page
from connectors.sandbox.infrascale.services import SERVICES
from connectors.sandbox.infrascale_estate import Entity
from connectors.sandbox.infrascale_events import Event

_SERVICE = SERVICES["EntityMonitoringService"]
_LARGEST_PAGE = 5_000
_LOG_KEPT = timedelta(days=60)  # how far back a request without From looks
_TICK = timedelta(microseconds=1)
_OVER_QUOTA = "You have exceeded your account storage space."

# What a consumer of a lower version than the number has never heard of (section "Version").
_SINCE = {
    2: ("OverQuotaWarning", "OverQuotaError", "OverQuotaFixed", "TooLongBackup"),
    3: (
        "ReplicationCompleted",
        "ReplicationCancelled",
        "ReplicationFailed",
        "BackupCheckCompleted",
        "BackupCheckCancelled",
        "BackupCheckFailed",
        "BackupCheckExecuted",
    ),
}
_STATUSES = {
    "BackupStarted": "Uploading",
    "BackupProgress": "Uploading",
    "BackupCompleted": "Completed",
    "BackupCancelled": "Canceled",
    "BackupConfigured": "Configured",
}


def as_version(events: Iterable[Event], version: int | None) -> Iterator[Event]:
    """The events as a consumer of `version` gets them: newer kinds rewritten or removed.

    A version that does not exist (none, 0, below 1, above 3) is the oldest.
    """
    known = version if version in (1, 2, 3) else 0
    removed = {kind for since, kinds in _SINCE.items() if known < since for kind in kinds}
    for event in events:
        is_icab = event.account_type == "IcabEmail" or event.backup_type.startswith("Icab")
        if event.event_type in removed or (is_icab and known < 2):
            continue
        if event.event_type == "BackupConfigured" and known < 1:
            yield event._replace(event_type="BackupCompleted")
        else:
            yield event


def history_events(estate: Estate, asked: Mapping[str, Any]) -> Payload:
    """GetHistoryEvents: the log, newest client time first, at most 5,000 a page."""
    rows = _log(estate, estate.minute, *_query(estate, asked))
    return {"HistoryEventsData": _page(rows, asked["Filter"]), "TotalRecords": len(rows)}


def monitoring_events(estate: Estate, asked: Mapping[str, Any]) -> Payload:
    """GetMonitoringEvents: the latest of the log for each account, system and kind of backup."""
    latest: dict[tuple[str, str, str], Event] = {}
    for event in _found(estate, *_query(estate, asked)):  # newest first
        if event.event_type in _STATUSES:
            latest.setdefault((event.account_name, event.system_name, event.backup_type), event)
    wanted = asked["Filter"]
    states = [
        (event.indicator, status, None, False, *event[2:18])
        for event in latest.values()
        for status in ("Failed" if event.indicator == "Error" else _STATUSES[event.event_type],)
        if not wanted["StatusFilterDefined"] or status == wanted["StatusFilterValue"]
    ]
    rows = Rows(_SERVICE, "MonitorEvent", states)
    return {"MonitorEventsData": _page(rows, wanted), "TotalRecords": len(rows)}


def history_recovery_events(estate: Estate, asked: Mapping[str, Any]) -> Payload:
    """GetHistoryRecoveryEvents: some accounts made a test recovery at noon (UTC) of the day shown."""
    tree = estate.tree(estate.entity(asked["EntityId"], zero_is_self=False))
    wanted = _filter(asked)
    noon = datetime.combine(estate.date, time(12), UTC)
    since, until = _span(wanted, datetime.min, datetime.max - _TICK)  # noqa: DTZ901 - no bounds
    owners = {account.username: account.entity_id for account in estate.day.accounts}
    found = [
        (
            plan.username,
            f"PC-{plan.key}",
            owner,
            noon,
            "RecoveryCompleted",
            guid(plan.key, estate.date.toordinal()),
            plan.key % 900,
            "7.6.0.118",
            None,
        )
        for plan in estate.world.infrascale_plans.accounts
        if mix(plan.key, estate.date.toordinal(), 5) % 40 == 0
        and (owner := owners.get(plan.username))
        and (tree is None or owner in tree)
        and since <= noon.replace(tzinfo=None) < until
        and _matches(wanted, plan.username, f"PC-{plan.key}")
    ]
    return {"RecoveryEventsData": _page(Rows(_SERVICE, "HistoryRecoveryEvent", found), wanted)}


def _filter(asked: Mapping[str, Any]) -> Mapping[str, Any]:
    wanted: Mapping[str, Any] | None = asked["Filter"]
    if wanted is None:
        raise invalid("Filter is required")
    return wanted


def _page(rows: Rows[Any], wanted: Mapping[str, Any]) -> Listing:
    # "If 0, 1 is taken into account", unlike everywhere else.
    return page(rows, wanted["PageSize"], wanted["PageIndex"] or 1, _LARGEST_PAGE)


def _query(estate: Estate, asked: Mapping[str, Any]) -> tuple[Entity, tuple[tuple[str, Any], ...]]:
    """The entity and the filters, apart from the page asked for."""
    target = estate.entity(asked["EntityId"], zero_is_self=False)
    return target, tuple(item for item in _filter(asked).items() if not item[0].startswith("Page"))


@lru_cache(maxsize=2)
def _log(
    estate: Estate, _minute: datetime, target: Entity, filters: tuple[tuple[str, Any], ...]
) -> Rows[Event]:
    """The log as a filter shows it, once for all its pages."""
    return Rows(_SERVICE, "HistoryEvent", _found(estate, target, filters), _history_values)


def _history_values(event: Event) -> tuple[object, ...]:
    summary = _OVER_QUOTA if event.event_type == "OverQuotaWarning" else None
    return (*event[:16], summary, *event[16:18])


def _found(estate: Estate, target: Entity, filters: tuple[tuple[str, Any], ...]) -> list[Event]:
    wanted = dict(filters)
    tree = estate.tree(target)
    now = estate.minute.astimezone(UTC).replace(tzinfo=None)
    since, until = _span(wanted, now - _LOG_KEPT, now + timedelta(days=1))
    equal = [
        (field, wanted[f"{name}Value"])
        for field, name in (
            ("indicator", "IndicatorFilter"),
            ("event_type", "EventTypeFilter"),
            ("backup_type", "EventBackupTypeFilter"),
        )
        if wanted[f"{name}Defined"]
    ]
    if not wanted["AccountTypeFilterIsNotDefined"]:  # inverted: who leaves it out gets one type only
        equal.append(("account_type", wanted["AccountTypeFilterValue"]))
    return [
        event
        for event in as_version(
            estate.world.infrascale_events(since, until, estate.minute), wanted["Version"]
        )
        if (tree is None or event.entity_id in tree)
        and all(getattr(event, field) == value for field, value in equal)
        and _matches(wanted, event.account_name, event.system_name)
    ]


def _span(wanted: Mapping[str, Any], since: datetime, until: datetime) -> tuple[datetime, datetime]:
    """From and To of a filter, both inclusive, as a half-open span."""
    if wanted["FromDateFilterDefined"]:
        since = _without_zone(wanted["FromDateFilterValue"])
    if wanted["ToDateFilterDefined"]:
        until = _without_zone(wanted["ToDateFilterValue"])
    return since, until + _TICK


def _without_zone(instant: datetime) -> datetime:
    return instant if instant.tzinfo is None else instant.astimezone(UTC).replace(tzinfo=None)


def _matches(wanted: Mapping[str, Any], account_name: str, system_name: str) -> bool:
    """Whether the name filters let a row through; systems are compared without regard to case."""
    if wanted["AccountNameFilterDefined"] and account_name != wanted["AccountNameFilterValue"]:
        return False
    return not wanted["SystemNameFilterDefined"] or (
        system_name.lower() == (wanted["SystemNameFilterValue"] or "").lower()
    )
