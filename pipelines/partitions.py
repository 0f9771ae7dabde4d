"""The billing days, as Dagster partitions."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import dagster as dg

from connectors import clock
from connectors.stream import UsageDay
from pipelines.settings import load_settings

FIRST_DAY = "2024-01-01"
ZONE: ZoneInfo = load_settings(only=()).zone
# Dagster counts days up to the machine's today; a billing clock that is set ahead needs some more.
DAILY = dg.DailyPartitionsDefinition(
    start_date=FIRST_DAY,
    timezone=ZONE.key,
    end_offset=max(0, (clock.now() - datetime.now(UTC)).days + 1),
)


def usage_day(context: dg.AssetExecutionContext | dg.OpExecutionContext) -> UsageDay:
    """The billing day a run is for."""
    return UsageDay(date.fromisoformat(context.partition_key), ZONE)
