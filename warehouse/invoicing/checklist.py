"""What must be done before a month can be closed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from warehouse.calendar import month_after
from warehouse.invoicing.days import day_of
from warehouse.invoicing.drafts import BLOCKERS, DRAFTS, name
from warehouse.invoicing.session import Row, Tables
from warehouse.landing import Landing


@dataclass(frozen=True, slots=True)
class Blocked:
    """One thing that stands in the way.

    Attributes:
        what: the item of the checklist.
        sentence: why, and what to do.
    """

    what: str
    sentence: str


def what_blocks(
    tables: Tables, home: Path, month: date, entities: Sequence[Row], at: datetime
) -> list[Blocked]:
    """Go through the checklist of a month.

    Parameters:
        tables: the published warehouse.
        home: data directory.
        month: first day.
        entities: rows of `reference.billing_entity` to be closed.
        at: now.
    """
    running = [entity for entity in entities if day_of(at, entity["time_zone"]) < month_after(month)]
    if running:
        return [
            Blocked("month", f"{month:%Y-%m} has not ended in {entity['time_zone']}") for entity in running
        ]
    ids = [entity["billing_entity_id"] for entity in entities]
    blocked = []
    if unbuilt := _unbuilt(tables, home, month):
        words = f"{len(unbuilt)} pulls of {month:%Y-%m} are landed that the tables do not know"
        blocked.append(Blocked("pulls", f"{words}: bring the warehouse up to date"))
    blocked += [
        Blocked(row["kind"], row["sentence"])
        for row in tables.rows(BLOCKERS, month)
        if row["billing_entity_id"] in (None, *ids)
    ]
    blocked += [
        Blocked("drafts", f"{name(draft)}: {draft['net']} net of {month:%Y-%m} is not issued")
        for draft in tables.rows(DRAFTS, month)
        if draft["billing_entity_id"] in ids
    ]
    return blocked


def _unbuilt(tables: Tables, home: Path, month: date) -> set[str]:
    days = [month + timedelta(days=n) for n in range((month_after(month) - month).days)]
    known = {row["pull_id"] for row in tables.rows("SELECT pull_id FROM ops.pull")}
    return {pull.pull_id for pull in Landing(home / "raw").pulls(days)} - known
