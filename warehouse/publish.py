"""The published warehouse: one DuckDB file that is only ever replaced whole.

A change is made to a private copy and swapped in at the end, so an analyst who opens the file at
any moment, also during a build, finds a whole and checked version of it. A build that fails or is
killed leaves the published file as it was.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from warehouse.models import quoted

# Everything needed is in the wheel. With these off an extension that is missing fails at once,
# instead of after seconds of trying to download it.
SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}
MEMORY_LIMIT = "2GB"
# Of each connection; a long statement would draw its progress into a log.
OPENING = "SET TimeZone = 'UTC'; SET enable_progress_bar = false"
NAME = "warehouse"  # of the database inside a draft, as those who open the published file see it


@contextmanager
def rewrite(path: Path, *, fresh: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
    """Change a private copy of the published warehouse; swap it in only if the body succeeds.

    Builders of the same file queue. What the body changes becomes visible to those who connect
    afterwards; who is connected already keeps the version that was opened.

    Parameters:
        path: the published file; it need not exist yet.
        fresh: start from an empty warehouse instead of a copy.

    Returns:
        A connection to the copy, time zone UTC.

    Raises:
        Whatever the body raises, with the published file untouched.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft.duckdb")
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _discard(draft)  # of a builder that was killed
        try:
            if path.exists() and not fresh:
                shutil.copyfile(path, draft)
            with duckdb.connect(config={**SETTINGS, "memory_limit": MEMORY_LIMIT}) as connection:
                connection.execute(OPENING)
                connection.execute(f"SET temp_directory = {quoted(str(_spill(draft)))}")
                # Without a write-ahead log, which is synced at each statement: a draft whose build was
                # killed is thrown away, not repaired.
                connection.execute(f"ATTACH {quoted(str(draft))} AS {NAME} (RECOVERY_MODE no_wal_writes)")
                connection.execute(f"USE {NAME}")
                yield connection
                connection.execute("CHECKPOINT")
            _sync(draft)
            draft.replace(path)
            _sync(path.parent)
        finally:
            _discard(draft)


@contextmanager
def read(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A read-only connection to the published warehouse, time zone UTC.

    Raises:
        FileNotFoundError: nothing has been published there yet.
    """
    if not path.exists():
        raise FileNotFoundError(f"there is no warehouse at {path} yet: build a day first")
    with duckdb.connect(path, read_only=True, config=SETTINGS) as connection:
        connection.execute(OPENING)
        yield connection


def _spill(draft: Path) -> Path:
    """Where a large query writes what does not fit into memory."""
    return Path(f"{draft}.tmp")


def _discard(draft: Path) -> None:
    draft.unlink(missing_ok=True)
    # Versions that wrote a log may have left one, and it would be replayed into another draft.
    Path(f"{draft}.wal").unlink(missing_ok=True)
    shutil.rmtree(_spill(draft), ignore_errors=True)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
