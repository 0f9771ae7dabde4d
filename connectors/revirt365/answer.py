"""What an answer of the API holds: rows, where a JSON pointer leads, or the vendor's error object.

Facts (the vendor's documentation, "Error handling", "A word about null", "TraceId"): an error is
`{id, description, data}`; its id never changes, its description may; `data` is JSON in a string. The
printed examples have keys with a colon at their end, and no traceId, which every answer should have.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec import Raw

from connectors.transport.json_exact import members_of

CREDENTIALS_INVALID = "6a18afae-3371-47e2-829c-b28e4412f279"


@dataclass(frozen=True)
class VendorError:
    """The error object of one answer.

    Attributes:
        id: what kind of error; empty where there is none.
        description: for people.
        data: decoded where it is JSON in a string, else as it came.
        trace_id: by which the vendor's support finds the call; empty where there is none.
    """

    id: str
    description: str
    data: Any
    trace_id: str

    @property
    def sentence(self) -> str:
        """What the vendor says, to end a sentence of ours; `data` may be personal and is left out."""
        said = " ".join(self.description.split())[:300]
        return f"{said} (error {self.id or 'without id'})" + trace(self.trace_id)


def trace(trace_id: str) -> str:
    """The traceId as the end of a sentence."""
    return f", traceId {trace_id[:100]}" if trace_id else ""


def error_in(body: bytes) -> VendorError | None:
    """The error object of an answer, None when it is none."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(answer, dict):
        return None
    # The vendor's own examples spell it "id:".
    told = {name.rstrip(":"): value for name, value in answer.items()}
    if not isinstance(told.get("description"), str) or "id" not in told:
        return None
    return VendorError(
        id=str(told["id"] or "").strip().lower(),
        description=told["description"],
        data=_nested(told.get("data")),
        trace_id=str(told.get("traceId") or ""),
    )


def trace_id_of(body: bytes) -> str:
    """The traceId of an answer; empty where there is none."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    return str(answer.get("traceId") or "") if isinstance(answer, dict) else ""


def is_whole(body: bytes) -> bool:
    """Whether an answer is JSON to its end; one that was cut off, or a proxy's page, is not."""
    try:
        msgspec.json.decode(body, type=Raw)
    except (ValueError, RecursionError):
        return False
    return True


def at(body: bytes, pointer: str) -> Raw | None:
    """The value where a JSON pointer (RFC 6901) leads, as it is written; None where it is missing or null.

    Raises:
        ValueError: the way leads through something that is not an object, or a member appears twice.
    """
    value = msgspec.json.decode(body, type=Raw)
    for name in pointer.split("/")[1:]:
        found = members_of(bytes(value)).get(name.replace("~1", "/").replace("~0", "~"))
        if found is None or bytes(found) == b"null":
            return None
        value = found
    return None if bytes(value) == b"null" else value


def text_at(body: bytes, pointer: str) -> str:
    """The text or the whole number at a pointer, as text; empty where it is missing or null.

    Raises:
        ValueError: it is something else.
    """
    value = at(body, pointer)
    if value is None:
        return ""
    return str(msgspec.json.decode(value, type=str | int))


def number_at(body: bytes, pointer: str) -> int | None:
    """The whole number at a pointer; None where it is missing or null.

    Raises:
        ValueError: it is something else.
    """
    value = at(body, pointer)
    return None if value is None else msgspec.json.decode(value, type=int)


def rows_at(body: bytes, pointer: str) -> list[bytes]:
    """The rows of a list, each as the vendor wrote it.

    Raises:
        ValueError: there is no list.
    """
    value = at(body, pointer)
    if value is None:
        raise ValueError(f"it has no list at {pointer}" if pointer else "it is null, not a list")
    return [bytes(row) for row in msgspec.json.decode(value, type=list[Raw])]


def _nested(data: Any) -> Any:
    if isinstance(data, str):
        try:
            data = json.loads(data)
        except (ValueError, RecursionError):
            return data
    if isinstance(data, dict):
        return {name.rstrip(":"): value for name, value in data.items()}
    return data
