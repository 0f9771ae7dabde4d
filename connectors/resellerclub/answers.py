"""Whether an answer is one: blocks, errors in any HTTP status, and then the shapes that reads have.

Facts (LogicBoxes HTTP API and captures of it): an error is an object whose `status` is ERROR or
error, with the text under `message` or `error`, and comes with HTTP 200 as with HTTP 500; "not
found" is such a 500. `status` Success is none. A block is an HTML page of the firewall before the
API. There are no error codes: what an error means is read from its words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec
import pyarrow as pa
from msgspec import Raw

from connectors.errors import ContractBroken, CredentialsRefused, RequestRefused, TemporaryFailure
from connectors.resellerclub.values import value
from connectors.stream import Exchange
from connectors.transport.http import judge_status
from connectors.transport.json_exact import members_of

BLOCKED = (
    "this machine's address may not be on the allow-list (Settings > API), or it may be blocked for "
    "24 hours; nothing more is asked, for asking on can block the reseller account for good"
)
UNSEEN = "check RESELLERCLUB_AUTH_USERID and RESELLERCLUB_API_KEY"

# Not the firewall's mere name: it also stands on pages that say the API is down for a while.
_WALL = re.compile(rb"attention required|just a moment|been blocked|access denied|abuse", re.IGNORECASE)
_UNKNOWN_US = re.compile(
    r"authentication|credential|api.?key|auth.?userid|ip address|white.?list|allow.?list", re.IGNORECASE
)
_NOT_OK = frozenset({"error", "failed"})

T = TypeVar("T")


def judge(exchange: Exchange, decode: Callable[[bytes], T]) -> T:
    """The decoded answer, if it is one.

    Raises:
        CredentialsRefused: a firewall's page, or an error about credentials or address.
        RequestRefused: any other error the API words, in whatever HTTP status; never asked again.
        TemporaryFailure: 408, 425, 429 and 5xx without such words, or JSON that is cut short.
        ContractBroken: JSON of another shape, or text that is no JSON.
    """
    body = exchange.body.lstrip()
    if exchange.status == 403 or (body.startswith(b"<") and (exchange.status < 400 or _WALL.search(body))):
        raise CredentialsRefused(
            f"{exchange.operation} answered HTTP {exchange.status} with a page instead of data: {BLOCKED}"
        )
    if said := _error(body):
        sentence = f"{exchange.operation} answered HTTP {exchange.status} with an error: {said}"
        if _UNKNOWN_US.search(said):
            raise CredentialsRefused(f"{sentence}; {UNSEEN}, and that this machine's address is on the list")
        raise RequestRefused(sentence)
    judge_status(exchange)
    if body and not body.startswith(b"{"):
        raise ContractBroken(f"{exchange.operation} answered {body[:40]!r}, which is no JSON object")
    try:
        return decode(exchange.body)
    except (ValueError, RecursionError) as error:
        if not _is_whole(body):
            raise TemporaryFailure(f"{exchange.operation} answered no whole JSON: {error}") from None
        raise ContractBroken(
            f"{exchange.operation} answered something else than its contract says: {error}"
        ) from None


@dataclass(frozen=True, slots=True)
class Found:
    """One page of a search.

    Attributes:
        rows: as the vendor wrote them, in the order of their numbers.
        total: of all pages, by the vendor's own word.
    """

    rows: tuple[Mapping[str, Raw], ...]
    total: int


def search_page(body: bytes, needed: str = "") -> Found:
    """A page of any search: rows under "1", "2" and so on, beside `recsonpage` and `recsindb`.

    Parameters:
        needed: a field that every row must tell, for what is asked next.

    Raises:
        ValueError: it is not of that shape, or holds more rows than it says.
    """
    members = members_of(body)
    numbers = sorted((name for name in members if name.isascii() and name.isdigit()), key=int)
    rows = tuple(msgspec.json.decode(members[name], type=dict[str, Raw]) for name in numbers)
    for row in rows if needed else ():
        text_at(row, needed)
    told = {}
    for name in ("recsonpage", "recsindb"):
        if name not in members:
            raise ValueError(f"it has no {name}")
        told[name] = _scalar(members[name], name, pa.int64())
    if len(rows) > told["recsonpage"]:
        raise ValueError(f"it holds {len(rows)} rows and says {told['recsonpage']}")
    return Found(rows, told["recsindb"])


def check_order(body: bytes, order_id: str) -> None:
    """Take the details of that order, and of no other.

    Raises:
        ValueError: they are not.
    """
    told = text_at(members_of(body), "orderid")
    if told != order_id:
        raise ValueError(f"it is about order {told}, not {order_id}")


def read_currency(body: bytes) -> str:
    """The currency of a balance.

    Raises:
        ValueError: it tells none.
    """
    return text_at(members_of(body), "sellingcurrencysymbol")


def text_at(members: Mapping[str, Raw], name: str) -> str:
    """A member that is text, or a whole number where the vendor writes ids so.

    Raises:
        ValueError: it is missing, empty or something else.
    """
    if name not in members:
        raise ValueError(f"it has no {name}")
    text: str = _scalar(members[name], name, pa.string())
    return text


def _scalar(raw: Raw, name: str, type_: pa.DataType) -> Any:
    try:
        told = value(msgspec.json.decode(raw), type_)
    except ValueError as error:
        raise ValueError(f"{name} {error}") from None
    if told is None:
        raise ValueError(f"{name} is empty")
    return told


def _error(body: bytes) -> str:
    """What the API says is wrong; empty where it says nothing of the kind."""
    try:
        answer = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""
    if not isinstance(answer, dict) or str(answer.get("status")).lower() not in _NOT_OK:
        return ""
    said = next((answer[name] for name in ("message", "error", "actionstatusdesc") if answer.get(name)), "")
    return " ".join(str(said).split())[:300] or "no reason given"


def _is_whole(body: bytes) -> bool:
    try:
        msgspec.json.decode(body, type=Raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True
