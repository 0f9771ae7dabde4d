"""Log in at ReVirt365: app key and app secret for a bearer token, at the place the contract file names.

Source: the vendor's documentation, "Getting started" and "1. Bearer Token". How long a token lives is not
published: one whose life is not told is used until it is refused.
"""

from __future__ import annotations

import re
import threading
import time
from base64 import b64encode
from collections.abc import Generator
from typing import Any

import httpx

from connectors.errors import ContractBroken, CredentialsRefused, RequestRefused, TemporaryFailure
from connectors.revirt365.answer import CREDENTIALS_INVALID, error_in, is_whole, number_at, text_at
from connectors.revirt365.connection import Revirt365Connection
from connectors.revirt365.contract import Token
from connectors.transport.http import BACKOFF_STATUSES, retry_after
from connectors.transport.redaction import Redactor

USED_FOR = 0.8  # of the life that is told
_HEADER_SAFE = re.compile(r"[\x21-\x7e]+")

Flow = Generator[httpx.Request, httpx.Response, Any]


class Revirt365Auth(httpx.Auth):
    """Adds a bearer token to each request; gets a new one early, and once more when it is refused.

    Thread-safe: of many threads without a token one asks for it and the others wait.

    Parameters:
        token: how it is asked for.
        trace_id: sent with the request for it too.
        redactor: learns every token.
    """

    def __init__(
        self, connection: Revirt365Connection, token: Token, trace_id: str, redactor: Redactor
    ) -> None:
        self._connection = connection
        self._how = token
        self._trace_id = trace_id
        self._redactor = redactor
        self._lock = threading.Lock()
        self._token = ""
        self._use_until = 0.0  # of time.monotonic()

    def forget(self) -> None:
        """Drop the token, so that nothing outlives the client."""
        self._token = ""

    def sync_auth_flow(self, request: httpx.Request) -> Flow:
        """httpx's hook: yields the requests to send, takes the answers.

        Raises:
            CredentialsRefused: the vendor refuses key and secret.
            TemporaryFailure: it cannot answer now.
            RequestRefused, ContractBroken: it answers something else than the contract file says.
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
            if self._token in ("", refused) or time.monotonic() >= self._use_until:
                yield from self._renew(request)
            return self._token

    def _renew(self, request: httpx.Request) -> Flow:
        asked_at = time.monotonic()
        response = yield self._exchange(request)
        response.read()
        body = response.content
        said = f"{self._how.path} answered HTTP {response.status_code}"
        if error := error_in(body):
            said += f": {error.sentence}"
            if error.id == CREDENTIALS_INVALID:
                raise CredentialsRefused(f"{said}; check app key and app secret")
        if response.status_code in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
            raise CredentialsRefused(f"{said}; check app key and app secret")
        if response.status_code in BACKOFF_STATUSES:
            raise TemporaryFailure(said, retry_after=retry_after(response.headers))
        if not response.is_success or error:
            raise RequestRefused(f"{said}; check [token] of the contract file")
        if not is_whole(body):
            raise TemporaryFailure(f"{said} without whole JSON")
        try:
            token = text_at(body, self._how.token_at)
            life = number_at(body, self._how.expires_in_at) if self._how.expires_in_at else None
        except (ValueError, RecursionError) as problem:
            raise ContractBroken(f"{said} with something else than [token] says: {problem}") from None
        if not _HEADER_SAFE.fullmatch(token):
            raise ContractBroken(f"{said} and has no token at {self._how.token_at or 'the top'}")
        self._redactor.add(token)
        self._token = token
        self._use_until = float("inf") if life is None else asked_at + life * USED_FOR

    def _exchange(self, request: httpx.Request) -> httpx.Request:
        """The request for a token; the secrets are where the contract file wants them."""
        how = self._how
        key = self._connection.app_key.get_secret_value()
        secret = self._connection.app_secret.get_secret_value()
        named = {how.key_name: key, how.secret_name: secret}
        headers = {"Accept": "application/json", "traceId": self._trace_id}
        if how.send_as == "basic":
            headers["Authorization"] = "Basic " + b64encode(f"{key}:{secret}".encode()).decode()
        if how.send_as == "headers":
            headers |= named
        return httpx.Request(
            how.method,
            self._connection.base_url + how.path,
            headers=headers,
            params=named if how.send_as == "query" else None,
            json=named if how.send_as == "json" else None,
            data=named if how.send_as == "form" else None,
            extensions=request.extensions,  # the client's own time limits hold for this request too
        )
