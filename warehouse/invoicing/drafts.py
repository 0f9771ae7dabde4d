"""The drafts of a month, and what stands in the way of issuing them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from warehouse.calendar import month_after
from warehouse.invoicing.days import day_of
from warehouse.invoicing.refusal import Refused
from warehouse.invoicing.session import Row, Tables

# The order in which numbers are given.
DRAFTS = """
SELECT * FROM billing.draft
WHERE month = ? AND lines > 0
ORDER BY billing_entity_id, billed_customer_id, currency
"""
# Without a customer it concerns all customers of the entity; without an entity, all.
BLOCKERS = "SELECT * FROM billing.blocker WHERE month = ? ORDER BY ALL"


@dataclass(frozen=True, slots=True)
class Drafts:
    """The drafts of a month.

    Attributes:
        month: first day.
        rows: of `billing.draft`, in the order in which numbers are given.
        entities: rows of `reference.billing_entity` by id.
        blockers: rows of `billing.blocker`.
    """

    month: date
    rows: list[Row]
    entities: dict[str, Row]
    blockers: list[Row]

    def stopped(self, draft: Row, at: datetime) -> list[str]:
        """Why a draft cannot be issued whoever has reviewed it, a sentence each."""
        entity = self.entities.get(draft["billing_entity_id"])
        who = name(draft)
        if entity is None:
            return [f"{who}: billing_entity.csv has no {draft['billing_entity_id']}"]
        if day_of(at, entity["time_zone"]) < month_after(self.month):
            return [f"{who}: {self.month:%Y-%m} has not ended in {entity['time_zone']}"]
        return [
            f"{who}: {blocker['sentence']}"
            for blocker in self.blockers
            if blocker["stops"] == "issue"
            and blocker["billing_entity_id"] in (None, draft["billing_entity_id"])
            and blocker["billed_customer_id"] in (None, draft["billed_customer_id"])
        ]


def drafts_of(tables: Tables, month: date, customers: Collection[str] = ()) -> Drafts:
    """The drafts of a month.

    Parameters:
        month: first day.
        customers: only of these billed customers; empty for all.

    Raises:
        Refused: one of `customers` has no draft in that month, with why.
    """
    rows = tables.rows(DRAFTS, month)
    if missing := sorted(set(customers) - {row["billed_customer_id"] for row in rows}):
        numbers = defaultdict(list)
        for row in tables.rows("SELECT * FROM billing.live_invoice WHERE month = ?", month):
            numbers[row["billed_customer_id"]].append(row["number"])
        raise Refused(
            *(
                f"{customer}: {month:%Y-%m} is issued already, as {', '.join(numbers[customer])}"
                if numbers[customer]
                else f"{customer}: nothing is to be billed in {month:%Y-%m}"
                for customer in missing
            )
        )
    wanted = [row for row in rows if not customers or row["billed_customer_id"] in customers]
    return Drafts(month, wanted, tables.entities(), tables.rows(BLOCKERS, month))


def name(draft: Row) -> str:
    """How a sentence names a draft."""
    return f"{draft['billed_customer_id']} ({draft['billing_entity_id']}, {draft['currency']})"


def key(draft: Row) -> str:
    """What only one standing invoice can be for; an issue refers to it."""
    parts = (draft["billing_entity_id"], draft["billed_customer_id"], draft["currency"])
    return "/".join((*parts, f"{draft['month']:%Y-%m}"))
