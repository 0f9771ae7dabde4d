"""RedAPI's pages: maxResults, an opaque page token that is a page number in disguise, and a count once."""

from __future__ import annotations

import base64
from collections.abc import Hashable, Sequence
from typing import Any

import msgspec

from connectors.sandbox.faults import Faults

DEFAULT_SIZE, LARGEST = 30, 100
_KEPT = 10_000  # tokens: those of some walks through a large world


class Problem(Exception):
    """An answer of ProblemDetails."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status, self.detail = status, detail


class _Token(msgspec.Struct):
    page: int = msgspec.field(name="Page")
    size: int = msgspec.field(name="PageSize")
    count: int = msgspec.field(name="TotalCount")


class Tokens(dict[tuple[Hashable, str], _Token]):
    """The latest tokens given out, by the list that they go on with; a fresh sandbox knows none."""

    def give(self, listed: Hashable, token: _Token) -> str:
        """The token as a client sees it."""
        text = base64.urlsafe_b64encode(msgspec.json.encode(token)).rstrip(b"=").decode()
        self.pop((listed, text), None)
        self[listed, text] = token
        while len(self) > _KEPT:
            del self[next(iter(self))]
        return text


def paged(  # noqa: PLR0917
    rows: Sequence[Any],
    version: int,
    operation: str,
    faults: Faults,
    max_results: str | None,
    page_token: str | None,
    given: Tokens,
    listed: Hashable,
    *,
    counted: bool,
) -> dict[str, Any]:
    """One page of `rows`: {nextPageToken, totalCount, results}.

    V1 ends with a null nextPageToken and says 0 where no count was asked for; V2 leaves both out.

    Parameters:
        listed: what makes these rows another list than others.

    Raises:
        Problem: 400, for a maxResults outside 1 to 100 or a token that was not given out for this list.
    """
    size = _size(max_results)
    page = 1
    if page_token is not None:
        token = given.get((listed, page_token))
        if token is None:
            raise Problem(400, "pageToken is not valid.")
        page, size = token.page, token.size
    start = (page - 1) * size
    told: dict[str, Any] = {"results": faults.page("redstor", operation, rows, start, size)}
    if counted:
        told["totalCount"] = len(rows) if page == 1 else -1
    elif version == 1:
        told["totalCount"] = 0
    if start + size < len(rows):
        told["nextPageToken"] = given.give(listed, _Token(page + 1, size, len(rows)))
    elif version == 1:
        told["nextPageToken"] = None
    return told


def _size(text: str | None) -> int:
    if text is None:
        return DEFAULT_SIZE
    if not text.isdecimal() or not 1 <= int(text) <= LARGEST:
        raise Problem(400, f"maxResults must be from 1 to {LARGEST}.")
    return int(text)
