"""What people decide about a finding: somebody sees to it, or it may pass for a time."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from warehouse.invoicing.people import because, person
from warehouse.invoicing.refusal import Refused
from warehouse.invoicing.session import Row, Tables, adding, tables_of
from warehouse.register import Entry, Kind

FOUND = """
SELECT * FROM reconciliation.finding_state WHERE starts_with(fingerprint, ?) ORDER BY fingerprint
"""


def acknowledge(home: Path, fingerprint: str, by: str, owner: str | None, reason: str | None) -> Entry:
    """Say who sees to a finding. It blocks as before.

    Parameters:
        home: data directory.
        fingerprint: or enough of its beginning.
        by: who says so.
        owner: who sees to it; None for the one who says so.
        reason: what is being done; None for nothing to say.

    Raises:
        Refused: there is no such finding, or it is gone.
        RegisterBroken: the register is not what was written.
    """
    who = person(by)
    content = {
        "owner": person(owner, "--owner") if owner else who,
        "reason": because(reason) if reason else None,
    }
    with adding(home) as transaction, tables_of(home, transaction) as tables:
        found = _one(tables, fingerprint)
        return transaction.append(Kind.ACKNOWLEDGE, found["fingerprint"], who, content | _about(found))


def waive(home: Path, fingerprint: str, by: str, until: date, reason: str) -> Entry:
    """Let a finding pass: up to and including a day, and for no more than its figures of now.

    Parameters:
        home, fingerprint: as `acknowledge`.
        by: who decides it.
        until: the last day; it is judged by the newest landed usage date.
        reason: why.

    Raises:
        Refused: there is no such finding, it is gone, or the day has passed.
        RegisterBroken: the register is not what was written.
    """
    who, why = person(by), because(reason)
    with adding(home) as transaction, tables_of(home, transaction) as tables:
        found = _one(tables, fingerprint)
        if until < transaction.at.date():
            raise Refused(f"--until {until} has passed: a waiver is for days to come")
        content = {"until": until, "reason": why} | _about(found)
        return transaction.append(Kind.WAIVE_FINDING, found["fingerprint"], who, content)


def _one(tables: Tables, fingerprint: str) -> Row:
    found = tables.rows(FOUND, fingerprint) if fingerprint else []
    if len(found) != 1:
        how_many = "several begin so" if found else "there is none"
        raise Refused(f"{fingerprint!r} names no finding, {how_many}: see findings list")
    (row,) = found
    if row["state"] == "fixed":
        raise Refused(f"finding {row['fingerprint']} is gone since {row['last_seen_at']:%Y-%m-%d}")
    return row


def _about(found: Row) -> Row:
    """What the decision was made on."""
    kept = ("month", "billing_entity_id", "code", "amount_at_risk", "difference", "currency", "sentence")
    return {name: found[name] for name in kept}
