"""What a contract file says: what the user knows of the API and the vendor does not publish (README.md)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    model_validator,
)

from connectors.stream import UsageDay

OF_THE_DAY = frozenset({"date", "next_date", "starts_at", "ends_at"})
CUSTOMER = "account_id"
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


def _path(text: str) -> str:
    if not re.fullmatch(r"(/[^/?#\s]+)+", text) or ".." in text:
        raise ValueError("must be a path such as /v1/reseller/customers, without query")
    return text


def _pointer(text: str) -> str:
    if text and not text.startswith("/"):
        raise ValueError('must be a JSON pointer: "" or such as /customers')
    return text


def _column(value: Any) -> Any:
    return {"source": value} if isinstance(value, str) else value


UrlPath = Annotated[str, AfterValidator(_path)]
Pointer = Annotated[str, AfterValidator(_pointer)]


class Part(BaseModel):
    """A table of the file: nothing in it is unknown, and no value of it is bent to fit."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Token(Part):
    """How app key and app secret become a bearer token."""

    method: Literal["POST", "GET"] = "POST"
    path: UrlPath
    send_as: Literal["json", "form", "headers", "query", "basic"]
    key_name: str = ""
    secret_name: str = ""
    token_at: Pointer
    expires_in_at: Pointer | None = None

    @model_validator(mode="after")
    def _named(self) -> Self:
        if (self.send_as == "basic") == bool(self.key_name or self.secret_name):
            raise ValueError("key_name and secret_name are given together, and not for basic")
        if bool(self.key_name) != bool(self.secret_name):
            raise ValueError("key_name and secret_name are given together")
        return self


class Paging(Part):
    """How a list goes on after its first page."""

    kind: Literal["page", "offset", "token"]
    parameter: str = Field(min_length=1)
    first: int = Field(default=1, ge=0)
    size_parameter: str = ""
    size: int | None = Field(default=None, ge=1)
    next_at: Pointer | None = None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.kind == "token" and not self.next_at:
            raise ValueError("needs next_at, where the next token is")
        if bool(self.size_parameter) != (self.size is not None):
            raise ValueError("has size without size_parameter, or the other way round")
        return self


class Listing(Part):
    """A list of the API, and how it is asked for."""

    path: UrlPath
    query: dict[str, str] = Field(default_factory=dict)
    rows_at: Pointer
    total_at: Pointer | None = None
    may_be_empty: bool = False
    paging: Paging | None = None

    @property
    def placeholders(self) -> tuple[str, ...]:
        """The names in braces, in order, each once."""
        return tuple(dict.fromkeys(_PLACEHOLDER.findall(" ".join((self.path, *self.query.values())))))

    @property
    def each(self) -> tuple[str, ...]:
        """The placeholders for each value of which there is a request of its own."""
        return tuple(name for name in self.placeholders if name not in OF_THE_DAY)


class Values(Listing):
    """A list read for the values of one member of its rows."""

    value: str = Field(min_length=1)


def _source(text: str) -> str:
    if "/" in text and not text.startswith("/"):
        raise ValueError("must start with / to be a JSON pointer into the row")
    return text


class Column(Part):
    """Where one of our columns comes from."""

    source: Annotated[str, AfterValidator(_source)] = Field(min_length=1)
    presence: Literal["required", "optional"] | None = None
    type: Literal["text", "number", "flag"] | None = None


class Rows(Listing):
    """A list that is one of our streams."""

    fields: dict[str, Annotated[Column, BeforeValidator(_column)]] = Field(min_length=1)
    other_fields: list[str] = Field(default_factory=list)

    @property
    def is_dated(self) -> bool:
        """Whether a request names the day; otherwise it tells the present."""
        return not OF_THE_DAY.isdisjoint(self.placeholders)


class NotOffered(Part):
    """A stream that this section of the API does not have."""

    offered: Literal[False]


MaybeRows = Annotated[
    Annotated[Rows, Tag("rows")] | Annotated[NotOffered, Tag("none")],
    Discriminator(lambda value: "none" if "offered" in value else "rows"),
]


class Streams(Part):
    """The streams; that there are none of a kind must be said."""

    customers: Rows
    usage: MaybeRows
    sessions: MaybeRows


class Contract(Part):
    """The whole file."""

    version: Literal[1]
    token: Token
    streams: Streams
    lists: dict[str, Values] = Field(default_factory=dict)

    def values(self, name: str) -> Values:
        """The list whose values a placeholder stands for."""
        if name != CUSTOMER:
            return self.lists[name]
        customers = self.streams.customers
        whence = customers.model_dump(include=set(Listing.model_fields))
        return Values(**whence, value=customers.fields[CUSTOMER].source)

    @property
    def paths(self) -> frozenset[str]:
        """Every path that is read."""
        streams = (self.streams.customers, self.streams.usage, self.streams.sessions)
        return frozenset(part.path for part in (*streams, *self.lists.values()) if isinstance(part, Listing))


def of_the_day(day: UsageDay) -> Mapping[str, str]:
    """What the placeholders of the day stand for."""
    return {
        "date": day.date.isoformat(),
        "next_date": (day.date + timedelta(days=1)).isoformat(),
        "starts_at": day.starts_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "ends_at": day.ends_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
