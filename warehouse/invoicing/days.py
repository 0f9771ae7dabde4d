"""Calendar days of a billing entity."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo


def day_of(at: datetime, time_zone: str) -> date:
    """Which day it is in a time zone."""
    return at.astimezone(ZoneInfo(time_zone)).date()
