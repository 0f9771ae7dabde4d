"""What a command works on: the register, open to be added to, and the tables that know all of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from warehouse.build import FILE
from warehouse.invoicing.refusal import Refused
from warehouse.models import version
from warehouse.publish import read
from warehouse.register import Head, Kind, Ledger, Register, Transaction

Row = dict[str, Any]


@contextmanager
def adding(home: Path) -> Iterator[Transaction]:
    """The register, for one command: all of it is written, or nothing.

    Raises:
        Refused: the clock says that it is earlier than the last entry.
        RegisterBroken: the register is not what was written.
    """
    with Register(home).writing() as transaction:
        last = transaction.latest_instant()
        if last and transaction.at < last:
            raise Refused(
                f"the clock says {transaction.at:%Y-%m-%d %H:%M:%S} UTC, but the last entry of the register "
                f"is of {last:%Y-%m-%d %H:%M:%S}: set the clock right"
            )
        yield transaction


@contextmanager
def tables_of(home: Path, ledger: Ledger) -> Iterator[Tables]:
    """The published tables.

    Raises:
        Refused: there are none, or they do not know the whole register, or another version built them.
    """
    try:
        with read(home / FILE) as connection:
            tables = Tables(connection)
            if why := tables.behind(ledger.head()):
                raise Refused(why)
            yield tables
    except FileNotFoundError as error:
        raise Refused(str(error)) from None


@dataclass(frozen=True, slots=True)
class Tables:
    """The published warehouse, read-only."""

    connection: duckdb.DuckDBPyConnection

    def rows(self, sql: str, *values: object) -> list[Row]:
        """The rows of a query by column name; a DECIMAL is a Decimal."""
        result = self.connection.execute(sql, list(values))
        names = [column[0] for column in result.description or ()]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    def behind(self, head: Head) -> str:
        """Why the tables cannot be relied on, in one sentence; empty when they can."""
        if self.rows("SELECT sha256 FROM ops.model_version") != [{"sha256": version()}]:
            return "the warehouse was built by another version of this program: run backup-billing rebuild"
        known = self.rows("SELECT seq, sha256 FROM billing.register_entry ORDER BY seq DESC LIMIT 1")
        if (Head(**known[0]) if known else Head()) != head:
            return (
                f"the warehouse does not know entry {head.seq} of the register yet: it is being built, or a "
                "command was stopped before it was; bring it up to date and try again"
            )
        return ""

    def entities(self) -> dict[str, Row]:
        """Our billing entities by id."""
        return {
            row["billing_entity_id"]: row
            for row in self.rows("SELECT * FROM reference.billing_entity ORDER BY billing_entity_id")
        }


def period(billing_entity_id: str, month: date) -> str:
    """The subject of the entries that close and reopen a month of an entity."""
    return f"{billing_entity_id} {month:%Y-%m}"


def is_closed(ledger: Ledger, billing_entity_id: str, month: date) -> bool:
    """Whether the register says that the month is closed."""
    last = ledger.latest(period(billing_entity_id, month), Kind.CLOSE, Kind.REOPEN)
    return last is not None and last.kind is Kind.CLOSE


def is_behind(home: Path) -> bool:
    """Whether there are published tables that do not know the whole register."""
    with Register(home).reading() as ledger:
        head = ledger.head()
    try:
        with read(home / FILE) as connection:
            return bool(Tables(connection).behind(head))
    except FileNotFoundError:
        return False
