"""A bearer token that many threads share: got when there is none, before it ends, and when it is refused."""

from __future__ import annotations

import re
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Generator
from typing import Any, NamedTuple

import httpx

from connectors.errors import CredentialsRefused
from connectors.transport.redaction import Redactor

_HEADER_SAFE = re.compile(r"[\x21-\x7e]+")

Flow = Generator[httpx.Request, httpx.Response, Any]
"""Requests to send; each answer comes back from its yield."""


class Grant(NamedTuple):
    """A token, and until when it is used, of `time.monotonic()`."""

    token: str
    use_until: float


class BearerAuth(httpx.Auth, ABC):
    """Adds a bearer token to each request; gets a new one early, and once more when it is refused.

    Thread-safe: of many threads without a token one asks for it and the others wait. Credentials that were
    refused are not sent again: more attempts could lock the account.

    Parameters:
        redactor: learns every token.
    """

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._lock = threading.Lock()
        self._grant = Grant("", 0.0)
        self._refused = ""

    @abstractmethod
    def ask(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, Grant]:
        """The exchange that gets a token.

        Parameters:
            request: the one that waits for it; its `extensions` hold the client's time limits.

        Raises:
            VendorError: none is granted.
        """

    def forget(self) -> None:
        """Drop the token, so that nothing outlives the client."""
        self._grant = Grant("", 0.0)

    def sync_auth_flow(self, request: httpx.Request) -> Flow:
        """httpx's hook: yields the requests to send, takes the answers.

        Raises:
            CredentialsRefused: they are refused, now or once before.
            VendorError: see `ask`.
        """
        token = yield from self._current(request)
        request.headers["Authorization"] = f"Bearer {token}"
        response = yield request
        if response.status_code == httpx.codes.UNAUTHORIZED:
            token = yield from self._current(request, refused=token)
            request.headers["Authorization"] = f"Bearer {token}"
            yield request

    def _current(self, request: httpx.Request, refused: str = "") -> Flow:
        with self._lock:
            if self._grant.token in ("", refused) or time.monotonic() >= self._grant.use_until:
                if self._refused:
                    raise CredentialsRefused(self._refused)
                try:
                    grant = yield from self.ask(request)
                except CredentialsRefused as error:
                    self._refused = str(error)
                    raise
                self._redactor.add(grant.token)
                self._grant = grant
            return self._grant.token


def fits_a_header(token: str) -> bool:
    """Whether a token can stand in an Authorization header."""
    return bool(_HEADER_SAFE.fullmatch(token))
