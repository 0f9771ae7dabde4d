"""What Infrascale tells of a plant's customer."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from operator import itemgetter

from connectors.sandbox.infrascale_estate import Account, Entity, InfrascaleDay, License
from connectors.sandbox.infrascale_events import Event
from connectors.sandbox.infrascale_plans import ROOT_ID
from connectors.sandbox.plants.subject import Subject

_Figure = int | None
Figures = tuple[_Figure, _Figure, _Figure, _Figure, _Figure, _Figure, _Figure, _Figure]
_SIGNUP = datetime(2025, 1, 1, 8)  # noqa: DTZ001 - the vendor's dates have no zone


def infrascale_account(
    shown: InfrascaleDay,
    _: date,
    subject: Subject,
    *,
    gb: int = 0,
    windows: int = 0,
    size_gb: int = 1000,
    username: str = "",
    licenses: tuple[str, ...] = (),
    active: bool = True,
) -> InfrascaleDay:
    """A company with one backup account at Infrascale; another account when it is there already.

    Parameters:
        gb: used, an even number of 10^9 bytes.
        windows: computers.
        size_gb: quota, of 1024^3 bytes.
        username: of the account; the same every day.
        licenses: types that the account holds.
        active: whether the company is; an inactive one has no accounts.
    """
    own, username = subject.infrascale, username or infrascale_username(subject)
    entity = Entity(own, subject.name, ROOT_ID, "Company", ROOT_ID, 0, own, active, None)
    account = Account(
        ROOT_ID,
        own,
        username,
        False,
        _SIGNUP,
        f"{username}@example.com",
        None,
        windows,
        0,
        0,
        gb * 1_953_125 // 2,
        size_gb * 1024,
    )
    held = tuple(License(username, name, own) for name in licenses) if active else ()
    return replace(
        shown,
        entities=(*shown.entities, *(() if own in shown.by_id else (entity,))),
        accounts=tuple(sorted((*shown.accounts, *((account,) if active else ())), key=itemgetter(0, 1, 2))),
        licenses=(*shown.licenses, *held),
    )


def infrascale_username(subject: Subject) -> str:
    """The name of its first account."""
    return f"admin.{subject.kind}"


def infrascale_backup(told: tuple[Event, ...], on: date, subject: Subject) -> tuple[Event, ...]:
    """A backup of its first account at eight in the evening of a day, which succeeds."""
    begins = datetime.combine(on, time(20))

    def event(kind: str, at: datetime, figures: Figures, seconds: int | None) -> Event:
        return Event(
            "Ok",
            kind,
            infrascale_username(subject),
            "BackupAccount",
            f"PC-{subject.number}",
            at,
            True,
            *figures,
            seconds,
            "Online",
            subject.infrascale,
            at.replace(tzinfo=UTC),
        )

    nothing = (None, None, None, None, None, None, None, None)
    uploaded = (12, 3_000_000, 0, 0, 2, 1_000_000, 10, 2_000_000)
    more = (
        event("BackupStarted", begins, nothing, None),
        event("BackupCompleted", begins + timedelta(minutes=5), uploaded, 300),
    )
    return tuple(
        sorted((*told, *more), key=lambda e: (e.client_date, e.account_name, e.event_type), reverse=True)
    )
