"""Log in at Xopero: a token that travels in the body of every request and ages in 15 minutes.

The token joins a request when it is written to the wire, so no exchange ever holds one.
Source: WebAPI 2.0, "Getting access token", RefreshToken.
"""

from __future__ import annotations

import threading
from collections.abc import Generator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import monotonic
from typing import Any

import httpx
import msgspec

from connectors.errors import ContractBroken, CredentialsRefused, RequestRefused, TemporaryFailure
from connectors.transport.http import BACKOFF_STATUSES, retry_after
from connectors.transport.redaction import Redactor
from connectors.xopero.connection import XoperoConnection
from connectors.xopero.envelope import Envelope, opened, refusal_of, unexplained

LIFE = 900.0  # seconds; of every grant by the document
REFRESH, FORGET = "RefreshToken", "ForgetToken"
UNAUTHORIZED = "401 "
JSON = {"Content-Type": "application/json"}

Flow = Generator[httpx.Request, httpx.Response, Any]


class _Grant(msgspec.Struct):
    token: str
    validTo: datetime  # noqa: N815  # the vendor's name


class XoperoAuth(httpx.Auth):
    """Adds a token to each request; renews it at half its life, and once more when it seems dead.

    Thread-safe: of many threads that need a token one asks for it and the others wait.

    Parameters:
        connection: address and credentials.
        redactor: learns every token.
    """

    def __init__(self, connection: XoperoConnection, redactor: Redactor) -> None:
        self._connection = connection
        self._redactor = redactor
        self._lock = threading.Lock()
        self._token = ""
        self._has_served = False
        self._refresh_at = self._ends_at = 0.0  # of time.monotonic()
        self._not_about_tokens: set[str] = set()
        self._refused = ""

    @property
    def holds_token(self) -> bool:
        """Whether there is a token to forget."""
        return bool(self._token)

    def drop(self) -> None:
        """Keep no token, so that nothing outlives the client."""
        self._token = ""

    def sync_auth_flow(self, request: httpx.Request) -> Flow:
        """httpx's hook: yields the requests to send, takes the answers.

        Raises:
            CredentialsRefused: the vendor refuses the login.
            TemporaryFailure: it cannot answer now.
            RequestRefused, ContractBroken: it answers something it should not.
        """
        token = yield from self._current(request)
        response = yield _signed(request, token)
        failure = _failure(response)
        if failure and self._may_be_dead(token, failure):
            token = yield from self._current(request, refused=token)
            response = yield _signed(request, token)
            if again := _failure(response):
                self._not_about_tokens.add(failure)
            failure = again
        if not failure:
            self._has_served = True

    def _may_be_dead(self, token: str, failure: str) -> bool:
        """Whether a failure that no table explains may mean that the token is dead.

        No code is published for that. So any is put down to a token that is past its time or has
        worked before, and 401 to every token, unless a fresh one has met the same failure.
        """
        worked = self._has_served or token != self._token
        suspect = worked or failure.startswith(UNAUTHORIZED) or monotonic() >= self._ends_at
        return suspect and failure not in self._not_about_tokens

    def _current(self, request: httpx.Request, refused: str = "") -> Flow:
        with self._lock:
            if self._token in ("", refused) or monotonic() >= self._ends_at:
                yield from self._log_in(request)
            elif monotonic() >= self._refresh_at:
                yield from self._refresh(request)
            return self._token

    def _log_in(self, request: httpx.Request) -> Flow:
        if given_up := self._token:
            self._token = ""
            # It may live after all; the answer does not matter.
            yield self._about_token(request, FORGET, given_up)
        if self._refused:
            raise CredentialsRefused(self._refused)  # another attempt could lock the account
        url = f"{self._connection.base_url}/token"
        body = msgspec.json.encode(self._connection.credentials)
        asked_at = monotonic()
        response = yield httpx.Request("POST", url, headers=JSON, content=body, extensions=request.extensions)
        envelope = _answer(response, url)
        if not envelope.success:
            self._refused = (
                f"{url} refuses the login ({refusal_of(envelope)}); check XOPERO_NAME, and XOPERO_PASSWORD "
                "or XOPERO_API_KEY; XOPERO_API_KEY_FIELD names the member in which the vendor wants the key"
            )
            raise CredentialsRefused(self._refused)
        self._take(envelope, response, asked_at, url)
        self._has_served = False

    def _refresh(self, request: httpx.Request) -> Flow:
        asked_at = monotonic()
        response = yield self._about_token(request, REFRESH, self._token)
        envelope = _answer(response, REFRESH)
        if envelope.success:
            self._take(envelope, response, asked_at, REFRESH)
        else:
            yield from self._log_in(request)

    def _about_token(self, request: httpx.Request, function: str, token: str) -> httpx.Request:
        body = msgspec.json.encode({"token": token, "function": function})
        url = f"{self._connection.base_url}/endpoint"
        return httpx.Request("POST", url, headers=JSON, content=body, extensions=request.extensions)

    def _take(self, envelope: Envelope, response: httpx.Response, asked_at: float, who: str) -> None:
        try:
            grant = msgspec.json.decode(envelope.data or b"", type=_Grant)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise ContractBroken(f"{who} answered success without a token and its validTo") from None
        self._redactor.add(grant.token)
        if not grant.token or grant.validTo.tzinfo is None:
            raise ContractBroken(f"{who} granted a token without text, or a validTo without an offset")
        life = (grant.validTo - _clock_of(response)).total_seconds()
        if not 0 < life < LIFE:
            life = LIFE  # a validTo in the past speaks of the vendor's clock, not of the token
        self._token = grant.token
        self._refresh_at, self._ends_at = asked_at + life / 2, asked_at + life


def _failure(response: httpx.Response) -> str:
    """A failure that no table explains and that does not ask for patience; empty for other answers."""
    body = response.read()
    if response.status_code in BACKOFF_STATUSES:
        return ""
    unauthorized = UNAUTHORIZED if response.status_code == httpx.codes.UNAUTHORIZED else ""
    return f"{unauthorized}{unexplained(body)}"


def _signed(request: httpx.Request, token: str) -> httpx.Request:
    """The request with the token as first member of its body; its `content` stays without."""
    body = b'{"token":' + msgspec.json.encode(token) + b"," + request.content[1:]
    request.stream = httpx.ByteStream(body)
    request.headers["Content-Length"] = str(len(body))
    return request


def _answer(response: httpx.Response, who: str) -> Envelope:
    """The envelope of an answer about tokens."""
    body = response.read()
    envelope = opened(body)
    status = response.status_code
    if envelope is None or (not envelope.success and status in BACKOFF_STATUSES):
        said = f"{who} answered HTTP {status}"
        if status in BACKOFF_STATUSES:
            raise TemporaryFailure(said, retry_after=retry_after(response.headers))
        if status in (401, 403):
            raise CredentialsRefused(f"{said}: the vendor refuses the login")
        if status == httpx.codes.OK:
            raise ContractBroken(f"{said} without an envelope of success and data or error")
        raise RequestRefused(f"{said}; check that XOPERO_BASE_URL is the address of the API")
    return envelope


def _clock_of(response: httpx.Response) -> datetime:
    """What time it is for the vendor, whose clock `validTo` is written by; ours when it does not say."""
    try:
        return parsedate_to_datetime(response.headers["date"]).astimezone(UTC)
    except (KeyError, ValueError, TypeError):
        return datetime.now(UTC)
