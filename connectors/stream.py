"""What a stream is, and what travels from a vendor to the landing.

    fetch(client, day) -> Exchange, Exchange, ...      one request and its answer, bytes untouched
    parse(exchange)    -> Page                          typed rows and the vendor's claims about them
    prove(evidence)    -> None or IncompletePull        do the rows add up to what the vendor claims?

`parse` and `prove` are pure: run again over stored exchanges they give the same rows, offline.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from connectors.arrow import keep_pandas_out

keep_pandas_out()  # before anybody makes an array


class AsOf(StrEnum):
    """Which day an answer speaks of."""

    SNAPSHOT = "snapshot"  # the vendor tells only the present: a missed day cannot be asked again
    DATED = "dated"  # the request names the day: any past day can be asked


class Presence(StrEnum):
    """What a missing value means. A field that must be there and is not never becomes zero."""

    REQUIRED = "required"  # always there and never null: a row without it goes to quarantine
    NULLABLE = "nullable"  # always there, null when the vendor has no figure
    OPTIONAL = "optional"  # may be left out


class Role(StrEnum):
    """What an exchange is good for in its pull."""

    ROWS = "rows"  # holds rows of the stream
    CONTROL = "control"  # read to prove completeness or to know whom to ask; holds no rows
    SECOND_LOOK = "second_look"  # the same rows again, compared and not landed
    REJECTED = "rejected"  # an answer that was not accepted: kept as evidence, never parsed


@dataclass(frozen=True, slots=True)
class Field:
    """One column of a stream.

    Attributes:
        column: our name, snake_case.
        source: the vendor's name, exact casing.
        type: Arrow type of the landed column.
        presence: see `Presence`.
        unit: bytes, KB (1024 bytes), MB, GB, seats, devices, seconds ...; empty for no quantity.
        note: what the vendor's page says of it, where that matters.
    """

    column: str
    source: str
    type: pa.DataType
    presence: Presence = Presence.REQUIRED
    unit: str = ""
    note: str = ""


@dataclass(frozen=True)
class Exchange:
    """One request and the vendor's answer to it, as kept for ever.

    Attributes:
        operation: name on the vendor's allow-list.
        request: method, URL and body as text, secrets replaced by ***.
        status: HTTP status; 0 when no answer came.
        content_type: of the answer.
        body: the exact bytes of the answer, after content decoding.
        received_at: instant, UTC.
        context: facts of the request that rows need and the answer does not repeat
            (for example the company asked for).
        role: see `Role`.
        reason: why the answer was rejected; empty otherwise.
        rejected: the attempts before this one that were not accepted, oldest first.
    """

    operation: str
    request: str
    status: int
    content_type: str
    body: bytes
    received_at: datetime
    context: Mapping[str, str] = field(default_factory=dict)
    role: Role = Role.ROWS
    reason: str = ""
    rejected: tuple[Exchange, ...] = ()

    @cached_property
    def sha256(self) -> str:
        """Hex SHA-256 of the body."""
        return hashlib.sha256(self.body).hexdigest()


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A row that cannot be typed. `payload` is the vendor's own text of it (JSON or XML)."""

    reason: str
    payload: str


@dataclass(frozen=True, slots=True)
class Page:
    """The rows of one exchange.

    Attributes:
        rows: the stream's columns in order, then `extra`: unknown fields of the row as a JSON
            object, null when there are none.
        quarantined: rows that could not be typed.
        unknown_fields: names the stream does not declare.
        vendor_total: how many rows the vendor says the whole pull has; None where it does not say.
        vendor_pages: how many pages the vendor says there are; None where it does not say.
    """

    rows: pa.RecordBatch
    quarantined: tuple[Quarantined, ...] = ()
    unknown_fields: frozenset[str] = frozenset()
    vendor_total: int | None = None
    vendor_pages: int | None = None


@dataclass(slots=True)
class Evidence:
    """What a whole pull amounts to, gathered page by page while it is landed.

    Attributes:
        pages: exchanges with rows.
        rows: typed rows, after rows repeated to the letter are dropped.
        repeated: rows dropped because a row with the same key and content was there already.
        conflicting: rows whose key was there already with other content.
        quarantined: rows that could not be typed.
        totals: every distinct total the vendor stated, in order of appearance.
        page_counts: every distinct page count the vendor stated, in order of appearance.
        second_look: None when there was none, else whether it showed the same keys.
        unknown_fields: names the stream does not declare.
    """

    pages: int = 0
    rows: int = 0
    repeated: int = 0
    conflicting: int = 0
    quarantined: int = 0
    totals: list[int] = field(default_factory=list)
    page_counts: list[int] = field(default_factory=list)
    second_look: bool | None = None
    unknown_fields: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class UsageDay:
    """The day a pull is for: a calendar date in the billing time zone."""

    date: date
    zone: ZoneInfo

    @property
    def starts_at(self) -> datetime:
        """Its first instant."""
        return datetime.combine(self.date, time(), self.zone)

    @property
    def ends_at(self) -> datetime:
        """The first instant after it."""
        return datetime.combine(self.date + timedelta(days=1), time(), self.zone)

    @property
    def snapshot_closes_at(self) -> datetime:
        """Until when a stream that tells only the present may still be read for this day: noon after it."""
        return datetime.combine(self.date + timedelta(days=1), time(12), self.zone)


EXTRA = pa.field("extra", pa.string())


@dataclass(frozen=True)
class Stream:
    """One dataset of one vendor, as a frozen declaration.

    Attributes:
        vendor: vendor name, as in the asset key.
        name: stream name, as in the asset key.
        description: one sentence for the asset catalogue.
        as_of: see `AsOf`.
        key: columns that are unique within one pull; empty when rows may truly repeat.
        paging: in words, how the pages are walked and where they end.
        control_total: in words, what proves completeness.
        fields: the columns.
        fetch: sends the requests of one pull; takes the vendor's open client.
        parse: typed rows of one exchange; of a CONTROL exchange no rows, only the vendor's claims.
        prove: raises `IncompletePull` when the evidence does not add up.
        resume: as `fetch`, given the answers with rows that failed pulls of the same day received;
            None where a failed pull has to start anew. Only for answers that stand by themselves:
            pages of one list never do.
    """

    vendor: str
    name: str
    description: str
    as_of: AsOf
    key: tuple[str, ...]
    paging: str
    control_total: str
    fields: tuple[Field, ...]
    fetch: Callable[[Any, UsageDay], Iterator[Exchange]]
    parse: Callable[[Exchange], Page]
    prove: Callable[[Evidence], None]
    resume: Callable[[Any, UsageDay, Iterable[Exchange]], Iterator[Exchange]] | None = None

    @property
    def id(self) -> str:
        """`<vendor>/<stream>`."""
        return f"{self.vendor}/{self.name}"

    @cached_property
    def schema(self) -> pa.Schema:
        """Arrow schema of the landed rows: the declared fields, then `extra`."""
        return rows_schema(self.fields)


@lru_cache  # asked for with every answer, and Arrow takes a while
def rows_schema(fields: tuple[Field, ...]) -> pa.Schema:
    """Arrow schema for `fields` plus `extra`; each field carries its unit and vendor name."""
    columns = [
        pa.field(
            f.column,
            f.type,
            nullable=f.presence is not Presence.REQUIRED,
            metadata={"source": f.source, "unit": f.unit},
        )
        for f in fields
    ]
    return pa.schema([*columns, EXTRA])
