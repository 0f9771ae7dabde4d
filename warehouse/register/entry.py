"""One entry of the register, and the hash that chains it to the one before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property

from warehouse.register.canonical import Content, decode, encode, sha256

NOTHING = "0" * 64
"""What the first entry names as the one before it."""


class Kind(StrEnum):
    """What an entry says."""

    REVIEW = "review"  # somebody has looked at a draft
    ISSUE = "issue"  # an invoice; the body is the document
    VOID = "void"  # a document is void
    CREDIT = "credit"  # a credit note; the body is the document
    WAIVE = "waive"  # a restatement will not be booked
    CLOSE = "close"  # a month of a billing entity is closed
    REOPEN = "reopen"  # and open again
    FINDINGS = "findings"  # what reconciliation sees for the first time, and what it no longer sees
    ACKNOWLEDGE = "acknowledge"  # somebody sees to a finding
    WAIVE_FINDING = "waive_finding"  # somebody lets a finding pass, for a time and an amount


DOCUMENTS = (Kind.ISSUE, Kind.CREDIT)


@dataclass(frozen=True, slots=True)
class Head:
    """The last entry: its place and its hash. Before the first one, 0 and zeros."""

    seq: int = 0
    sha256: str = NOTHING


@dataclass(frozen=True)
class Entry:
    """One entry.

    Attributes:
        seq: its place, from 1.
        prev_sha256: hash of the entry before it.
        kind: what it says.
        subject: of what: a document's number, a draft's or a restatement's id, an entity's month, a finding's
            fingerprint.
        refers_to: what it hangs on: an invoice on its `draft_key`, a credit note on the invoice's number,
            a review on the draft's content_sha256; else empty.
        at: the instant, as canonical text.
        by_person: who did it.
        body: canonical JSON; a document as it was issued.
        sha256: of all this, see `chained`.
    """

    seq: int
    prev_sha256: str
    kind: Kind
    subject: str
    refers_to: str
    at: str
    by_person: str
    body: bytes
    sha256: str

    @property
    def instant(self) -> datetime:
        """When it was written."""
        return datetime.fromisoformat(self.at)

    @property
    def head(self) -> Head:
        """What the next entry hangs on."""
        return Head(self.seq, self.sha256)

    @cached_property
    def content(self) -> Content:
        """What the body says."""
        return decode(self.body)

    def __str__(self) -> str:
        return f"entry {self.seq} ({self.kind} {self.subject})"


def chained(
    before: Head, kind: Kind, *, subject: str, refers_to: str, at: str, by_person: str, body: bytes
) -> Entry:
    """The entry that follows `before`.

    Its hash is of the canonical JSON of its other columns, with the hash of the body in the body's place:
    the chain can be checked by who may not read the documents.
    """
    link = {
        "seq": before.seq + 1,
        "prev_sha256": before.sha256,
        "kind": kind.value,
        "subject": subject,
        "refers_to": refers_to,
        "at": at,
        "by_person": by_person,
        "body_sha256": sha256(body),
    }
    return Entry(
        before.seq + 1, before.sha256, kind, subject, refers_to, at, by_person, body, sha256(encode(link))
    )
