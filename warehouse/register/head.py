"""The head of the register in a second place: what says that entries at the end are missing."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from warehouse.register.entry import Head


@dataclass(frozen=True, slots=True)
class KnownHead:
    """What `head.json` says.

    Attributes:
        head: the last entry, or one before it where a process was killed behind its commit.
        file_sha256: of the register's file at that moment; empty before the first entry.
    """

    head: Head = field(default_factory=Head)
    file_sha256: str = ""


def read_head(path: Path) -> KnownHead | None:
    """What the file says; None where it is missing or is no head."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=KnownHead)
    except (FileNotFoundError, msgspec.MsgspecError, UnicodeDecodeError):
        return None


def write_head(path: Path, known: KnownHead) -> None:
    """Replace the file in one step, safely on disk."""
    draft = path.with_suffix(".tmp")
    with draft.open("wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(known), indent=2) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def file_sha256(path: Path) -> str:
    """Hex SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
