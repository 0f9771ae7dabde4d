"""Close: a month is complete, and from then on what changes in it is restated in a later one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from warehouse.invoicing.checklist import Blocked, what_blocks
from warehouse.invoicing.evidence import Evidence
from warehouse.invoicing.people import because, person, same
from warehouse.invoicing.refusal import Refused
from warehouse.invoicing.session import Row, Tables, adding, is_closed, period, tables_of
from warehouse.register import Entry, Kind, Register

TOTALS = """
SELECT currency, count(*) AS documents, sum(net) AS net, sum(tax) AS tax, sum(total) AS total
FROM billing.live_invoice
WHERE month = ? AND billing_entity_id = ?
GROUP BY currency
ORDER BY currency
"""


@dataclass(frozen=True, slots=True)
class Closed:
    """What became of closing a month.

    Attributes:
        entries: one for each billing entity that was closed; none when something blocks.
        blocked: what stands in the way.
    """

    entries: list[Entry]
    blocked: list[Blocked]


def close(home: Path, month: date, by: str) -> Closed:
    """Close a month of every billing entity, when nothing on the checklist blocks.

    Parameters:
        home: data directory.
        month: first day; it must have ended.
        by: who.

    Raises:
        Refused: it is closed already, or it cannot be told.
        RegisterBroken: the register is not what was written.
    """
    who = person(by)
    Register(home).verify()
    with adding(home) as transaction, tables_of(home, transaction) as tables:
        entities = tables.entities()
        open_ones = [entity for entity in entities if not is_closed(transaction, entity, month)]
        if not open_ones:
            raise Refused(
                f"{month:%Y-%m} is closed already"
                if entities
                else "billing_entity.csv names nobody that bills"
            )
        chosen = [entities[entity] for entity in open_ones]
        if blocked := what_blocks(tables, home, month, chosen, transaction.at):
            return Closed([], blocked)
        evidence = Evidence(tables).of([month])
        entries = [
            transaction.append(
                Kind.CLOSE, period(entity, month), who, _seal(tables, entity, month) | {"evidence": evidence}
            )
            for entity in open_ones
        ]
    return Closed(entries, [])


def reopen(home: Path, month: date, by: str, approved_by: str, reason: str) -> list[Entry]:
    """Open a closed month again.

    Parameters:
        home: data directory.
        month: first day.
        by: who wants it.
        approved_by: who allows it, somebody else.
        reason: why.

    Raises:
        Refused: it is not closed, or one person alone wants it.
        RegisterBroken: the register is not what was written.
    """
    who, approver, why = person(by), person(approved_by, "--approved-by"), because(reason)
    if same(who, approver):
        raise Refused(f"{who} wants {month:%Y-%m} reopened, so somebody else must approve it")
    with adding(home) as transaction, tables_of(home, transaction) as tables:
        closed = [entity for entity in tables.entities() if is_closed(transaction, entity, month)]
        if not closed:
            raise Refused(f"{month:%Y-%m} is not closed")
        return [
            transaction.append(
                Kind.REOPEN,
                period(entity, month),
                who,
                {"month": month, "billing_entity_id": entity, "approved_by": approver, "reason": why},
            )
            for entity in closed
        ]


def _seal(tables: Tables, entity: str, month: date) -> Row:
    """What a closed month of an entity amounts to."""
    totals = tables.rows(TOTALS, month, entity)
    return {
        "month": month,
        "billing_entity_id": entity,
        "totals": [{name: _plain(value) for name, value in row.items()} for row in totals],
    }


def _plain(value: object) -> object:
    return value.quantize(Decimal("0.0001")) if isinstance(value, Decimal) else value
