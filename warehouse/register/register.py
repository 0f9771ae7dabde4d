"""The register's files: one writer at a time, checked before anything is added, and nothing half-written."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from connectors import clock
from warehouse.register.entry import DOCUMENTS, Entry, Head
from warehouse.register.head import KnownHead, file_sha256, read_head, write_head
from warehouse.register.ledger import SCHEMA, Ledger, Transaction
from warehouse.register.verify import MEND, RegisterBroken, known_to, unreadable, walk


class Register:
    """The register of a home directory.

    Parameters:
        home: data directory; the register is made in it with the first entry.
    """

    def __init__(self, home: Path) -> None:
        self.folder = home / "register"
        self.path = self.folder / "register.sqlite"
        self.head_path = self.folder / "head.json"

    def entries(self, after: int = 0) -> Iterator[Entry]:
        """The entries in order, those behind `after`."""
        with self.reading() as ledger:
            yield from ledger.entries(after)

    def documents(self) -> Iterator[Entry]:
        """The entries whose bodies are documents: invoices and credit notes, voided ones too."""
        return (entry for entry in self.entries() if entry.kind in DOCUMENTS)

    def head(self) -> Head:
        """The last entry."""
        with self.reading() as ledger:
            return ledger.head()

    @contextmanager
    def reading(self) -> Iterator[Ledger]:
        """What is committed at this moment, unchecked; an empty ledger where nothing ever was.

        Raises:
            RegisterBroken: the file cannot be read.
        """
        with self._connected() as connection:
            connection.execute("BEGIN")
            yield Ledger(connection)

    def verify(self) -> Head:
        """Check every entry and every byte.

        Returns:
            The last entry.

        Raises:
            RegisterBroken: the first thing that is not what was written.
        """
        with self._locked(), self._connected() as connection:
            return walk(connection, self.path, self._known()) if self._begun else Head()

    @contextmanager
    def checked(self, known: Head, where: str) -> Iterator[Ledger]:
        """The ledger, after making sure that it is what was written.

        Parameters:
            known: a head that was seen elsewhere,
            where: and where.

        Raises:
            RegisterBroken: it is not, or has not that entry.
        """
        with self._locked(), self._connected() as connection:
            if self.path.exists():
                self._check(connection)
            ledger = Ledger(connection)
            known_to(ledger, known, self.path, where)
            yield ledger

    @contextmanager
    def writing(self) -> Iterator[Transaction]:
        """Add to the register: all that the body appends, or nothing where it raises or is killed.

        Raises:
            RegisterBroken: the register is not what was written; nothing is added to it.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._locked():
            self._begin()
            with self._connected() as connection:
                before = self._check(connection)
                connection.execute("BEGIN IMMEDIATE")
                transaction = Transaction(connection, clock.now())
                try:
                    yield transaction
                except BaseException:
                    connection.execute("ROLLBACK")
                    raise
                connection.execute("COMMIT")
                if (head := transaction.head()) != before:
                    self._note(head)

    @property
    def _begun(self) -> bool:
        return self.path.exists() or self.head_path.exists()

    def _begin(self) -> None:
        """Make the files that are not there yet; again, where that was interrupted."""
        if not self._begun:
            write_head(self.head_path, KnownHead())
        if not self._known().head.seq:
            with _opened(self.path) as connection:
                if not _tables(connection):
                    connection.executescript(f"BEGIN IMMEDIATE; {SCHEMA} COMMIT;")

    @contextmanager
    def _locked(self) -> Iterator[None]:
        if not self.folder.exists():
            yield
            return
        directory = os.open(self.folder, os.O_RDONLY)
        try:
            # The kernel gives the lock back when the process ends, however it ends.
            fcntl.flock(directory, fcntl.LOCK_EX)
            yield
        finally:
            os.close(directory)

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        """A connection to the register, or to an empty one where nothing was ever written."""
        if self.path.exists():
            with _opened(self.path) as connection:
                if _tables(connection):
                    yield connection
                    return
        if self._begun and (known := self._known().head.seq):
            raise RegisterBroken(
                f"{self.path} is missing or empty, but head.json knows entry {known}; {MEND}"
            )
        with closing(sqlite3.connect(":memory:", isolation_level=None)) as nothing:
            nothing.executescript(SCHEMA)
            yield nothing

    def _check(self, connection: sqlite3.Connection) -> Head:
        """Make sure that the register is what was written, by its file's hash where that is enough."""
        known = self._known()
        if known.file_sha256 == file_sha256(self.path):
            return known.head
        head = walk(connection, self.path, known)
        if head != known.head:
            self._note(head)  # the last command was killed behind its commit
        return head

    def _note(self, head: Head) -> None:
        write_head(self.head_path, KnownHead(head, file_sha256(self.path)))

    def _known(self) -> KnownHead:
        known = read_head(self.head_path)
        if known is None:
            raise RegisterBroken(
                f"{self.head_path} is missing or damaged, so that nobody can say whether entries are missing "
                f"at the end of {self.path.name}; {MEND}"
            )
        return known


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection in autocommit; the first to open it takes back what a killed process left uncommitted."""
    with closing(sqlite3.connect(path, isolation_level=None, timeout=60)) as connection:
        try:
            connection.execute("PRAGMA synchronous = EXTRA")
            connection.execute("PRAGMA trusted_schema = OFF")
            if _tables(connection):
                connection.execute("SELECT seq FROM entry WHERE seq = 1").fetchone()
        except sqlite3.Error as error:
            raise unreadable(path, Head(), error) from None
        yield connection


def _tables(connection: sqlite3.Connection) -> int:
    (count,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    return int(count)
