"""What time it is for billing: the machine's clock, or the instant of BACKUP_BILLING_NOW.

The override exists for replays and tests. It is read at every call, so that a process which bills
many nights can move it. Security tokens do not use it: they are judged by another machine's clock.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime

VARIABLE = "BACKUP_BILLING_NOW"


def now() -> datetime:
    """The current instant, timezone-aware in UTC.

    Raises:
        ValueError: BACKUP_BILLING_NOW is not an ISO 8601 instant with an offset.
    """
    override = os.environ.get(VARIABLE)
    return parse_instant(override) if override else datetime.now(UTC)


def parse_instant(text: str) -> datetime:
    """An ISO 8601 instant with offset, as UTC.

    Raises:
        ValueError: with one line that names the value and an example.
    """
    example = "for example 2026-11-02T02:00:00+01:00"
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{VARIABLE} is {text!r}, not an ISO 8601 instant; {example}") from None
    if instant.tzinfo is None:
        raise ValueError(f"{VARIABLE} is {text!r}, which has no offset; {example}")
    return instant.astimezone(UTC)
