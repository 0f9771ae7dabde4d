"""What the register knows, and how something is added to it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from warehouse.register.canonical import encode, instant
from warehouse.register.entry import DOCUMENTS, Entry, Head, Kind, chained

COLUMNS = "seq, prev_sha256, kind, subject, refers_to, at, by_person, body, sha256"

SCHEMA = """
CREATE TABLE entry (
    seq INTEGER PRIMARY KEY,
    prev_sha256 TEXT NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    refers_to TEXT NOT NULL,
    at TEXT NOT NULL,
    by_person TEXT NOT NULL,
    body BLOB NOT NULL,
    sha256 TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX a_number_is_used_once ON entry (subject) WHERE kind IN ('issue', 'credit');
CREATE UNIQUE INDEX a_document_is_voided_once ON entry (subject) WHERE kind = 'void';
CREATE INDEX by_subject ON entry (subject, kind);
CREATE INDEX by_reference ON entry (refers_to, kind);
CREATE TRIGGER an_entry_is_not_changed BEFORE UPDATE ON entry
BEGIN SELECT RAISE(ABORT, 'an entry of the register is never changed'); END;
CREATE TRIGGER an_entry_is_not_removed BEFORE DELETE ON entry
BEGIN SELECT RAISE(ABORT, 'an entry of the register is never removed'); END;
CREATE TRIGGER an_entry_follows_the_last BEFORE INSERT ON entry
WHEN NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM entry)
    OR NEW.prev_sha256 <> coalesce((SELECT sha256 FROM entry ORDER BY seq DESC LIMIT 1), NEW.prev_sha256)
BEGIN SELECT RAISE(ABORT, 'an entry of the register follows the last one'); END;
CREATE TRIGGER a_draft_is_issued_once BEFORE INSERT ON entry
WHEN NEW.kind = 'issue' AND EXISTS (
    SELECT 1 FROM entry AS issued
    WHERE issued.kind = 'issue' AND issued.refers_to = NEW.refers_to AND NOT EXISTS (
        SELECT 1 FROM entry AS void WHERE void.kind = 'void' AND void.subject = issued.subject
    )
)
BEGIN SELECT RAISE(ABORT, 'an invoice for this customer and month stands already'); END;
"""


class Ledger:
    """The register, read in one transaction.

    Parameters:
        connection: to `register.sqlite`.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def head(self) -> Head:
        """The last entry."""
        found = next(self._entries("ORDER BY seq DESC LIMIT 1"), None)
        return found.head if found else Head()

    def latest_instant(self) -> datetime | None:
        """When the last entry was written."""
        found = next(self._entries("ORDER BY seq DESC LIMIT 1"), None)
        return found.instant if found else None

    def entries(self, after: int = 0) -> Iterator[Entry]:
        """The entries in order, those behind `after`."""
        return self._entries("WHERE seq > ? ORDER BY seq", after)

    def document(self, number: str) -> Entry | None:
        """The entry that issued an invoice or a credit note."""
        return next(
            self._entries("WHERE subject = ? AND kind IN (?, ?)", number, *DOCUMENTS),
            None,
        )

    def voided(self, number: str) -> Entry | None:
        """The entry that voided a document."""
        return self.latest(number, Kind.VOID)

    def latest(self, subject: str, *kinds: Kind) -> Entry | None:
        """The last entry of some kinds about a subject."""
        marks = ", ".join("?" * len(kinds))
        clause = f"WHERE subject = ? AND kind IN ({marks}) ORDER BY seq DESC LIMIT 1"
        return next(self._entries(clause, subject, *kinds), None)

    def about(self, subject: str, kind: Kind) -> list[Entry]:
        """Every entry of a kind about a subject, in order."""
        return list(self._entries("WHERE subject = ? AND kind = ? ORDER BY seq", subject, kind))

    def standing(self, refers_to: str, kind: Kind) -> list[Entry]:
        """The documents of a kind that hang on something and are not voided, in order."""
        found = self._entries("WHERE refers_to = ? AND kind = ? ORDER BY seq", refers_to, kind)
        return [entry for entry in list(found) if not self.voided(entry.subject)]

    def numbers(self, series: str) -> int:
        """How many numbers of a series are used: those that are `<series>-` and digits."""
        (count,) = self._connection.execute(
            "SELECT count(*) FROM entry WHERE kind IN ('issue', 'credit') "
            "AND subject > ? || '-' AND subject < ? || '-~' AND subject NOT GLOB ? || '-*-*'",
            (series, series, series),
        ).fetchone()
        return int(count)

    def _entries(self, clause: str, *values: object) -> Iterator[Entry]:
        rows = self._connection.execute(f"SELECT {COLUMNS} FROM entry {clause}", values)  # noqa: S608  # ours
        return (Entry(seq, before, Kind(kind), *rest) for seq, before, kind, *rest in rows)


class Transaction(Ledger):
    """The register while one command adds to it: all that is appended, or nothing.

    Parameters:
        connection: inside a transaction that nobody else can be in.
        at: the instant of the command.
    """

    def __init__(self, connection: sqlite3.Connection, at: datetime) -> None:
        super().__init__(connection)
        self.at = at
        self._head = super().head()

    def append(
        self, kind: Kind, subject: str, by_person: str, content: Mapping[str, Any], *, refers_to: str = ""
    ) -> Entry:
        """Add one entry behind the last."""
        entry = chained(
            self._head,
            kind,
            subject=subject,
            refers_to=refers_to,
            at=instant(self.at),
            by_person=by_person,
            body=encode(content),
        )
        self._connection.execute(
            f"INSERT INTO entry ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608  # ours
            (
                entry.seq,
                entry.prev_sha256,
                entry.kind.value,
                entry.subject,
                entry.refers_to,
                entry.at,
                entry.by_person,
                entry.body,
                entry.sha256,
            ),
        )
        self._head = entry.head
        return entry
