"""When a day can be read: after it ended, and where the vendor tells only the present, soon after that."""

from __future__ import annotations

from connectors import clock
from connectors.stream import AsOf, UsageDay


def refusal(stream: str, as_of: AsOf, day: UsageDay) -> str:
    """Why a stream cannot be read for that day now; empty when it can.

    Parameters:
        stream: `<vendor>/<stream>`.
    """
    now = clock.now()
    if now < day.ends_at:
        return (
            f"{stream} was not asked for {day.date}: the day ends at {day.ends_at.isoformat()}, "
            "and is read after that."
        )
    if as_of is AsOf.SNAPSHOT and now >= day.snapshot_closes_at:
        return (
            f"{stream} was not asked for {day.date}: the vendor tells only the present, which stood for "
            f"that day until {day.snapshot_closes_at.isoformat()}. The day is missing and cannot be filled, "
            "for today's figures are not that day's."
        )
    return ""
