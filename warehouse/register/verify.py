"""Is the register what was written? Entry by entry, and the first one that is not is named."""

from __future__ import annotations

import sqlite3
from collections import Counter
from pathlib import Path
from textwrap import shorten
from typing import Any

from warehouse.register.entry import DOCUMENTS, Entry, Head, Kind, chained
from warehouse.register.head import KnownHead, file_sha256
from warehouse.register.ledger import COLUMNS, Ledger

MEND = "restore it from a backup"


class RegisterBroken(Exception):
    """The register is not what was written; the sentence names the first entry that is not."""


def walk(connection: sqlite3.Connection, path: Path, known: KnownHead) -> Head:
    """Check every entry, that none is missing, and that nothing else in the file has changed.

    Parameters:
        connection: to the register.
        path: its file, for the sentence and for its bytes.
        known: what the second place knows.

    Returns:
        The last entry.

    Raises:
        RegisterBroken: with the first thing that is wrong.
    """
    before, numbers, unknown = Head(), Counter[str](), set[str]()
    try:
        for row in connection.execute(f"SELECT {COLUMNS} FROM entry ORDER BY seq"):  # noqa: S608  # ours
            entry = _next(before, row, numbers, path)
            other(entry, known.head, path, "head.json")
            if entry.seq > known.head.seq:
                unknown.add(entry.at)
            before = entry.head
    except sqlite3.Error as error:
        raise unreadable(path, before, error) from None
    missing(before, known.head, path, "head.json")
    # A kill can leave it behind by one command, all of whose entries are of one instant.
    if len(unknown) > 1:
        raise RegisterBroken(
            f"head.json beside {path} is an older one: it knows {known.head.seq} of {before.seq}; {MEND}"
        )
    if before == known.head and known.file_sha256 and known.file_sha256 != file_sha256(path):
        raise RegisterBroken(
            f"{path}: no entry has changed, but bytes of the file outside of them have; {MEND}"
        )
    return before


def unreadable(path: Path, before: Head, error: sqlite3.Error) -> RegisterBroken:
    """What to say of a file that SQLite itself cannot read behind an entry."""
    return RegisterBroken(
        f"{path} cannot be read behind entry {before.seq}, {MEND}: {shorten(str(error), 120)}"
    )


def missing(last: Head, known: Head, path: Path, where: str) -> None:
    """Refuse a register that ends before an entry that is known elsewhere.

    Raises:
        RegisterBroken: it does.
    """
    if last.seq < known.seq:
        raise RegisterBroken(
            f"{path} ends with entry {last.seq}, but {where} knows entry {known.seq}: "
            f"what came after entry {last.seq} is missing; {MEND}"
        )


def other(entry: Entry, known: Head, path: Path, where: str) -> None:
    """Refuse a register whose entry is not the one that is known elsewhere.

    Raises:
        RegisterBroken: it is another.
    """
    if entry.seq == known.seq and entry.sha256 != known.sha256:
        raise RegisterBroken(f"{path}: {entry} is not the one that {where} knows; {MEND}")


def known_to(ledger: Ledger, known: Head, path: Path, where: str) -> None:
    """Refuse a register that has not the entry that is known elsewhere.

    Raises:
        RegisterBroken: it ends before that entry, or has another in its place.
    """
    missing(ledger.head(), known, path, where)
    for entry in ledger.entries(known.seq - 1) if known.seq else ():
        other(entry, known, path, where)
        break


def _next(before: Head, row: tuple[Any, ...], numbers: Counter[str], path: Path) -> Entry:
    """The entry of one more row."""
    seq, prev_sha256, kind, subject, refers_to, at, by_person, body, sha256 = row
    if seq != before.seq + 1:
        raise RegisterBroken(f"{path}: entry {before.seq + 1} is missing; {MEND}")
    where = f"{path}: entry {seq} ({kind} {subject})"
    try:
        entry = chained(
            before, Kind(kind), subject=subject, refers_to=refers_to, at=at, by_person=by_person, body=body
        )
    except (TypeError, ValueError, AttributeError):
        raise RegisterBroken(f"{where} is not what was written; {MEND}") from None
    if (entry.prev_sha256, entry.sha256) != (prev_sha256, sha256):
        raise RegisterBroken(
            f"{where} is not what was written: chained to entry {before.seq} its SHA-256 is {entry.sha256} "
            f"and not {sha256}; {MEND}"
        )
    if entry.kind in DOCUMENTS:
        series, _, number = subject.rpartition("-")
        numbers[series] += 1
        if number != f"{numbers[series]:06}":
            raise RegisterBroken(
                f"{where} is out of turn: the next number of {series} was {numbers[series]:06}"
            )
    return entry
