"""Every set of reference tables that was ever in use, as it was read, and from when it was known.

    <home>/register/reference/<sha256>/<table>.csv    the rows, written the one way equal rows are written
                                       SHA256SUMS     of the tables; its own SHA-256 names the set
                                       known_from.txt the instants from which the set was the current one

Files and databases with equal rows have equal sets, in whichever order and spelling they were read.
"""

from __future__ import annotations

import csv
import hashlib
import io
import os
import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from connectors import clock
from warehouse.reference import cells
from warehouse.reference.loader import read_tables
from warehouse.reference.rows import Rows
from warehouse.reference.schema import TABLES

SUMS = "SHA256SUMS"
KNOWN_FROM = "known_from.txt"


class ArchiveUnusable(Exception):
    """A set of reference tables cannot be had from the archive; the message says why."""


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """A set of tables that became the current one.

    Attributes:
        known_from: since when.
        sha256: which set.
    """

    known_from: datetime
    sha256: str


def sha256(rows: Rows) -> str:
    """What names this set of tables."""
    return hashlib.sha256(_sums(_files(rows))).hexdigest()


def keep(home: Path, rows: Rows) -> list[Version]:
    """Make `rows` the current set, in the archive too, unless it is already.

    Parameters:
        home: data directory.
        rows: checked, of every table.

    Returns:
        Every version known, the current one last.
    """
    known, files = versions(home), _files(rows)
    name = hashlib.sha256(_sums(files)).hexdigest()
    if known and known[-1].sha256 == name:
        return known
    now = clock.now()
    if known:  # two sets cannot have become known at once, whatever the clock says
        now = max(now, known[-1].known_from + timedelta(microseconds=1))
    folder = _archive(home) / name
    instants = [version.known_from for version in known if version.sha256 == name] + [now]
    lines = "".join(f"{instant.isoformat(timespec='microseconds')}\n" for instant in instants).encode()
    if folder.exists():
        _replace(folder / KNOWN_FROM, lines)
    else:
        _write_folder(folder, {**files, SUMS: _sums(files), KNOWN_FROM: lines})
    return [*known, Version(now, name)]


def versions(home: Path) -> list[Version]:
    """Every version known, the current one last; none before the first build."""
    return sorted(
        Version(datetime.fromisoformat(line), path.parent.name)
        for path in _archive(home).glob(f"*/{KNOWN_FROM}")
        if not path.parent.name.endswith(".draft")
        for line in path.read_text(encoding="ascii").split()
    )


def holds(home: Path, name: str) -> bool:
    """Whether the set of that SHA-256 is in the archive."""
    return (_archive(home) / name).is_dir()


def known_rows(home: Path, instant: datetime) -> Rows:
    """The reference tables as they were known at an instant.

    Raises:
        ArchiveUnusable: none were known yet, or they were changed since.
    """
    known = [version for version in versions(home) if version.known_from <= instant]
    if not known:
        raise ArchiveUnusable(f"no reference tables were known at {instant.isoformat()}")
    return load_archived(home, known[-1].sha256)


def load_archived(home: Path, name: str) -> Rows:
    """The rows of an archived set, after a look at every byte of it.

    Parameters:
        home: data directory.
        name: SHA-256 of the set.

    Raises:
        ArchiveUnusable: it is not there, a byte of it was changed, or it cannot be read any more.
    """
    folder = _archive(home) / name
    try:
        sums = (folder / SUMS).read_bytes()
    except OSError:
        raise ArchiveUnusable(f"the reference tables {name} are not in {_archive(home)}") from None
    if hashlib.sha256(sums).hexdigest() != name:
        raise ArchiveUnusable(f"{folder / SUMS} was changed after it was archived: restore it from a backup")
    found = {path.name: path.read_bytes() for path in sorted(folder.glob("*.csv"))}
    stated = dict(line.split("  ")[::-1] for line in sums.decode().splitlines())
    for file in sorted(found.keys() | stated.keys()):
        if file not in found or hashlib.sha256(found[file]).hexdigest() != stated.get(file):
            raise ArchiveUnusable(
                f"{folder / file} was changed after it was archived: restore it from a backup"
            )
    rows, mistakes, _ = read_tables(folder)
    if mistakes:
        raise ArchiveUnusable(f"the reference tables {name} cannot be read any more: {mistakes[0]}")
    return rows


def _archive(home: Path) -> Path:
    return home / "register" / "reference"


def _files(rows: Rows) -> dict[str, bytes]:
    """The files of a set: every column of every table, rows in the order of their text."""
    files = {}
    for table in sorted(TABLES, key=lambda table: table.name):
        lines = sorted(
            [cells.plain(cells.filled(column, row.cells.get(column.name))) for column in table.columns]
            for row in rows.get(table.name, ())
        )
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows([[c.name for c in table.columns], *lines])
        files[f"{table.name}.csv"] = text.getvalue().encode()
    return files


def _sums(files: dict[str, bytes]) -> bytes:
    """As `sha256sum` writes them, and checks them."""
    lines = (f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in files.items())
    return "".join(lines).encode()


def _write_folder(folder: Path, files: dict[str, bytes]) -> None:
    """Make a folder that is there whole or not at all."""
    draft = folder.with_name(f"{folder.name}.draft")
    shutil.rmtree(draft, ignore_errors=True)  # of a build that was killed
    draft.mkdir(parents=True)
    for name, content in files.items():
        _write(draft / name, content)
    _sync(draft)
    draft.rename(folder)
    _sync(folder.parent)


def _replace(path: Path, content: bytes) -> None:
    draft = path.with_suffix(".draft")
    _write(draft, content)
    draft.replace(path)
    _sync(path.parent)


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
