"""The record of one pull: the manifest beside its files, and the row of `ops.pull`."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path

import msgspec

from connectors.stream import Stream


class Status(StrEnum):
    """What became of a pull."""

    OK = "ok"  # landed, and proven complete
    FAILED = "failed"  # asked for and not landed
    REFUSED = "refused"  # not asked for: the day cannot be read now


@dataclass(frozen=True, slots=True)
class Pull:
    """One read of a stream for one usage date.

    Attributes:
        pull_id: 16 hex digits; equal content of an equal version has an equal id.
        vendor, connection, stream, usage_date: what was read.
        version: counts the accepted contents of that day from 1; 0 unless ok.
        status: see `Status`.
        reason: one sentence, why the pull failed or was refused; empty when ok.
        pages: answers with rows.
        rows: rows landed.
        vendor_total: rows there are by the vendor's own word; None where it gives none.
        quarantined: rows that could not be typed.
        repeated: rows left out because the vendor sent them twice to the letter.
        unknown_fields: names the stream does not declare, sorted.
        schema: fingerprint of the declared columns, 16 hex digits.
        started_at, finished_at: instants of the billing clock.
        responses_path, rows_path, quarantine_path: relative to the home directory; None where
            there is no such file.
        sha256: of the accepted answers in order, see `Reading`; empty when refused.
        rows_sha256: of the rows and quarantine files; two pulls of which it is the same are one, unless
            only one of them has answers with rows.
        responses_sha256: of the responses file; empty where there is none, and in manifests that were
            written before it was recorded.
    """

    pull_id: str
    vendor: str
    connection: str
    stream: str
    usage_date: date
    version: int
    status: Status
    reason: str
    pages: int
    rows: int
    vendor_total: int | None
    quarantined: int
    repeated: int
    unknown_fields: tuple[str, ...]
    schema: str
    started_at: datetime
    finished_at: datetime
    responses_path: str | None
    rows_path: str | None
    quarantine_path: str | None
    sha256: str
    rows_sha256: str = ""
    responses_sha256: str = ""


def fingerprint(*parts: object) -> str:
    """16 hex digits that stand for `parts`."""
    return hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()[:16]


def schema_fingerprint(stream: Stream) -> str:
    """Stands for the columns a stream declares: names, types and nullability in order."""
    return fingerprint(*(f"{field.name} {field.type} {field.nullable}" for field in stream.schema))


def encode(pull: Pull) -> bytes:
    """The manifest of a pull: JSON for people and programs, fields in order, and its seal."""
    unsealed = msgspec.json.format(msgspec.json.encode({**msgspec.to_builtins(pull), "seal": ""}), indent=2)
    unsealed += b"\n"
    return unsealed.replace(_seal(""), _seal(hashlib.sha256(unsealed).hexdigest()))


def is_sealed(manifest: bytes) -> bool:
    """Whether no byte of a manifest has changed: its seal is the SHA-256 of the manifest without it.

    Those that were written before there were seals are as good as their other hashes.
    """
    if not (stated := re.search(_seal("([0-9a-f]{64})"), manifest)):
        return b"responses_sha256" not in manifest
    seal = stated.group(1).decode()
    return hashlib.sha256(manifest.replace(_seal(seal), _seal(""))).hexdigest() == seal


def _seal(sha256: str) -> bytes:
    return f'"seal": "{sha256}"'.encode()


def decode(manifest: Path) -> Pull:
    """The pull of a manifest.

    Raises:
        ValueError: the file is not a manifest; the line names it.
    """
    try:
        return msgspec.json.decode(manifest.read_bytes(), type=Pull)
    except msgspec.MsgspecError as error:
        raise ValueError(f"{manifest} is not the manifest of a pull: {error}") from None
