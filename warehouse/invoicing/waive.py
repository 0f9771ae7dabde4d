"""Waive: a difference to what was billed is neither charged nor given back."""

from __future__ import annotations

from pathlib import Path

from warehouse.invoicing.people import because, person
from warehouse.invoicing.refusal import Refused
from warehouse.invoicing.session import adding, tables_of
from warehouse.register import Entry, Kind


def waive(home: Path, restatement_id: str, by: str, reason: str) -> Entry:
    """Waive what is open of a restatement.

    Parameters:
        home: data directory.
        restatement_id: of `billing.restatement`, or enough of its beginning.
        by: who.
        reason: why.

    Raises:
        Refused: there is no such restatement, or nothing of it is open.
        RegisterBroken: the register is not what was written.
    """
    who, why = person(by), because(reason)
    with adding(home) as transaction, tables_of(home, transaction) as tables:
        found = tables.rows(
            "SELECT * FROM billing.restatement WHERE starts_with(restatement_id, ?)", restatement_id
        )
        if not restatement_id or len(found) != 1:
            how_many = "several begin so" if found else "there is none"
            raise Refused(f"{restatement_id!r} names no restatement, {how_many}: see restatements")
        (row,) = found
        if not row["open_amount"]:
            raise Refused(f"restatement {row['restatement_id']} is settled: nothing of it is open")
        content = row | {"month": row["restates_month"], "exact_amount": row["open_amount"], "reason": why}
        return transaction.append(Kind.WAIVE, row["restatement_id"], who, content)
