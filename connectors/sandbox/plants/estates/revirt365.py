"""What ReVirt365 tells of a plant's customer."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time

from connectors.sandbox.chance import guid
from connectors.sandbox.plants.subject import Subject
from connectors.sandbox.revirt365.estate import Job, ReVirt365Day, Seats, Session, Tenant


def revirt365_seats(
    shown: ReVirt365Day,
    on: date,
    subject: Subject,
    *,
    seats: int,
    protected_bytes: int | None = None,
    is_trial: bool = False,
    status: str = "Success",
) -> ReVirt365Day:
    """A customer with one subscription and one backup a day at ReVirt365.

    Parameters:
        status: of the backup: Success, Warning or Failed.
    """
    own = subject.revirt365
    job = Job(guid(73, subject.number), own, "Mail")
    run = Session(
        guid(74, subject.number, on.toordinal()),
        job,
        status,
        datetime.combine(on, time(21), UTC),
        None if status == "Failed" else 5_000_000,
        600,
    )
    return replace(
        shown,
        tenants=(*shown.tenants, Tenant(own, subject.name, True, subject.customer_id, None)),
        seats=(
            *shown.seats,
            Seats(
                guid(75, subject.number),
                own,
                f"Users of {subject.name}",
                "M365 Backup",
                seats,
                0,
                protected_bytes,
                is_trial,
            ),
        ),
        jobs=(*shown.jobs, job),
        sessions=(*shown.sessions, run),
    )
