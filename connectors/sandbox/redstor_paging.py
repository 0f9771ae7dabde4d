"""RedAPI's pages: maxResults, an opaque page token that is a page number in disguise, and a count once."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

import msgspec

from connectors.sandbox.faults import Faults

DEFAULT_SIZE, LARGEST = 30, 100


class Problem(Exception):
    """An answer of ProblemDetails."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status, self.detail = status, detail


class _Token(msgspec.Struct, forbid_unknown_fields=True):
    page: int = msgspec.field(name="Page")
    size: int = msgspec.field(name="PageSize")
    count: int = msgspec.field(name="TotalCount")


def paged(  # noqa: PLR0917
    rows: Sequence[Any],
    version: int,
    operation: str,
    faults: Faults,
    max_results: str | None,
    page_token: str | None,
    *,
    counted: bool,
) -> dict[str, Any]:
    """One page of `rows`: {nextPageToken, totalCount, results}.

    V1 ends with a null nextPageToken and says 0 where no count was asked for; V2 leaves both out.

    Raises:
        Problem: 400, for a maxResults outside 1 to 100 or a token that was not given out here.
    """
    size = _size(max_results)
    page = 1
    if page_token is not None:
        token = _read(page_token)
        page, size = token.page, token.size
    start = (page - 1) * size
    told: dict[str, Any] = {"results": faults.page("redstor", operation, rows, start, size)}
    if counted:
        told["totalCount"] = len(rows) if page == 1 else -1
    elif version == 1:
        told["totalCount"] = 0
    if start + size < len(rows):
        told["nextPageToken"] = _write(_Token(page + 1, size, len(rows)))
    elif version == 1:
        told["nextPageToken"] = None
    return told


def _size(text: str | None) -> int:
    if text is None:
        return DEFAULT_SIZE
    if not text.isdecimal() or not 1 <= int(text) <= LARGEST:
        raise Problem(400, f"maxResults must be from 1 to {LARGEST}.")
    return int(text)


def _write(token: _Token) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(token)).rstrip(b"=").decode()


def _read(text: str) -> _Token:
    try:
        token = msgspec.json.decode(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), type=_Token)
    except (ValueError, msgspec.MsgspecError):
        raise Problem(400, "pageToken is not valid.") from None
    if _write(token) != text or token.page < 2 or not 1 <= token.size <= LARGEST:
        raise Problem(400, "pageToken is not valid.")
    return token
