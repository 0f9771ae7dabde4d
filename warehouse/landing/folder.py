"""The folder of one stream and usage date: one writer at a time, and nothing half-written ever counts."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from warehouse.landing.pull import Pull, decode, encode

MANIFEST = ".pull.json"
DRAFT = ".tmp"
PARQUET = ".parquet"


class Folder:
    """Where the pulls of one stream and usage date are.

    Parameters:
        root: the raw folder.
        vendor, stream, usage_date: which.
    """

    def __init__(self, root: Path, vendor: str, stream: str, usage_date: date) -> None:
        self._root = root
        self.path = root / vendor / stream / f"usage_date={usage_date}"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Make the folder, wait until nobody else writes here, and clear what a killed process left."""
        self.path.mkdir(parents=True, exist_ok=True)
        directory = os.open(self.path, os.O_RDONLY)
        try:
            # The kernel gives the lock back when the process ends, however it ends.
            fcntl.flock(directory, fcntl.LOCK_EX)
            self._clear_orphans()
            yield
        finally:
            self.clear_drafts()
            os.close(directory)

    def draft(self, kind: str) -> Path:
        """The file being written, before it has a pull to belong to."""
        return self.path / f".{kind}{DRAFT}"

    def file(self, pull_id: str, kind: str) -> Path:
        """The file of a pull: `rows`, `responses` or `quarantine`."""
        return self.path / f"{pull_id}.{kind}{PARQUET}"

    def name_in_home(self, pull_id: str, kind: str) -> str:
        """The same file, relative to the home directory, so that a home can be moved."""
        return self.file(pull_id, kind).relative_to(self._root.parent).as_posix()

    def clear_drafts(self) -> None:
        """Remove what was being written."""
        for path in self.path.glob(f".*{DRAFT}"):
            path.unlink()

    def pulls(self) -> list[Pull]:
        """Every pull that was committed here, in order of time."""
        pulls = map(decode, self.path.glob(f"*{MANIFEST}"))
        return sorted(pulls, key=lambda pull: (pull.finished_at, pull.version, pull.pull_id))

    def current(self) -> dict[str, Pull]:
        """By connection, the pull that counts: the ok one of the highest version."""
        landed = (pull for pull in self.pulls() if pull.version)
        return {pull.connection: pull for pull in sorted(landed, key=lambda pull: pull.version)}

    def commit(self, pull: Pull, kinds: Collection[str]) -> Pull:
        """Turn the drafts of `kinds` into the pull's files and write its manifest, each safely on disk.

        A pull that is there already stays as it is, and is returned.
        """
        manifest = self.path / f"{pull.pull_id}{MANIFEST}"
        if manifest.exists():
            return decode(manifest)
        for kind in kinds:
            self.keep(kind, pull.pull_id)
        draft = self.draft("pull")
        draft.write_bytes(encode(pull))
        sync(draft)
        draft.replace(manifest)
        # The names themselves, up to the raw folder: a new folder is lost with its parent's entry.
        for folder in (self.path, *self.path.relative_to(self._root).parents):
            sync(self._root / folder)
        return pull

    def keep(self, kind: str, pull_id: str) -> None:
        """Turn one draft into the pull's file, safely on disk."""
        sync(self.draft(kind))
        self.draft(kind).replace(self.file(pull_id, kind))
        sync(self.path)

    def _clear_orphans(self) -> None:
        self.clear_drafts()
        committed = {path.name.removesuffix(MANIFEST) for path in self.path.glob(f"*{MANIFEST}")}
        for path in self.path.glob(f"*.*{PARQUET}"):
            if path.name.split(".")[0] not in committed:
                path.unlink()


def sync(path: Path) -> None:
    """Wait until a file or a folder is on disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
