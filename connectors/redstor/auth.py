"""Log in at Redstor: OAuth client credentials with a signed assertion (private_key_jwt).

Source: RedAPI, article 1607, "How to use the RedAPI". Of the three header names Redstor publishes
for the token, `Authorization: Bearer` is the one the API takes.
"""

from __future__ import annotations

import re
import threading
import time
import uuid
from collections.abc import Generator
from typing import Any, TypeVar

import httpx
import jwt
import msgspec

from connectors.connection import checked_url
from connectors.errors import ContractBroken, CredentialsRefused, RequestRefused, TemporaryFailure
from connectors.redstor.connection import RedstorConnection, read_signing_key
from connectors.transport.http import BACKOFF_STATUSES, retry_after
from connectors.transport.redaction import Redactor

ASSERTION_LIVES = 300  # seconds
REFRESH_EARLY = 300  # seconds before a token ends; a short-lived one is used for 80 % of its life
SCOPE = "api.read"  # of the two scopes the one that cannot change anything
_HEADER_SAFE = re.compile(r"[\x21-\x7e]+")

T = TypeVar("T")
Flow = Generator[httpx.Request, httpx.Response, Any]


class _Discovery(msgspec.Struct):
    token_endpoint: str


class _Token(msgspec.Struct):
    access_token: str
    expires_in: int
    token_type: str


class _OAuthError(msgspec.Struct):
    error: str


class RedstorAuth(httpx.Auth):
    """Adds a bearer token to each request; gets a new one early, and once more when it is refused.

    Thread-safe: of many threads without a token one asks for it and the others wait.

    Parameters:
        connection: client id, key file and issuer.
        redactor: learns every assertion and token.
    """

    def __init__(self, connection: RedstorConnection, redactor: Redactor) -> None:
        self._connection = connection
        self._redactor = redactor
        self._key, self._kid = read_signing_key(connection.jwk_file)
        self._lock = threading.Lock()
        self._token = ""
        self._use_until = 0.0  # of time.monotonic()

    def forget(self) -> None:
        """Drop the token, so that nothing outlives the client."""
        self._token = ""

    def sync_auth_flow(self, request: httpx.Request) -> Flow:
        """httpx's hook: yields the requests to send, takes the answers.

        Raises:
            CredentialsRefused: the identity server refuses the assertion.
            TemporaryFailure: it cannot answer now.
            RequestRefused, ContractBroken: it answers something it should not.
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
        discovery = f"{self._connection.issuer_url}/.well-known/openid-configuration"
        timeout = request.extensions  # the client's own time limits hold for these requests too
        response = yield httpx.Request("GET", discovery, extensions=timeout)
        endpoint = _answer(response, _Discovery, discovery).token_endpoint
        try:
            checked_url(endpoint)  # it will be sent a credential
        except ValueError as error:
            raise ContractBroken(
                f"{discovery} names the token endpoint {endpoint!r}, which {error}"
            ) from None
        asked_at = time.monotonic()
        assertion = self._assertion(endpoint)
        self._redactor.add(assertion)
        form = {
            "grant_type": "client_credentials",
            "scope": SCOPE,
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": assertion,
        }
        response = yield httpx.Request("POST", endpoint, data=form, extensions=timeout)
        response.read()
        if response.status_code in (httpx.codes.BAD_REQUEST, httpx.codes.UNAUTHORIZED):
            raise CredentialsRefused(
                f"{endpoint} refuses client {self._connection.client_id}{_oauth_error(response)}; "
                "check the client id, that the JWK file is the one issued for it, and this machine's clock"
            )
        granted = _answer(response, _Token, endpoint)
        self._redactor.add(granted.access_token)
        if granted.token_type.lower() != "bearer" or not _HEADER_SAFE.fullmatch(granted.access_token):
            raise ContractBroken(f"{endpoint} granted a token that is not a bearer token")
        self._token = granted.access_token
        life = granted.expires_in
        self._use_until = asked_at + max(life - REFRESH_EARLY, life * 0.8)

    def _assertion(self, audience: str) -> str:
        """A signed statement of who we are, good for one use. The identity server judges its times."""
        now = int(time.time())
        claims = {
            "jti": str(uuid.uuid4()),
            "iss": self._connection.client_id,
            "sub": self._connection.client_id,
            "aud": audience,
            "iat": now,
            "nbf": now,
            "exp": now + ASSERTION_LIVES,
        }
        return jwt.encode(claims, self._key, "RS256", {"kid": self._kid} if self._kid else None)


def _answer(response: httpx.Response, shape: type[T], url: str) -> T:
    """The identity server's answer, typed."""
    response.read()
    said = f"{url} answered HTTP {response.status_code}"
    if response.status_code in BACKOFF_STATUSES:
        raise TemporaryFailure(said, retry_after=retry_after(response.headers))
    if response.status_code != httpx.codes.OK:
        raise RequestRefused(f"{said}; check that the issuer URL is the identity server's")
    try:
        return msgspec.json.decode(response.content, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ContractBroken(f"{url} answered something else than its contract says: {error}") from None


def _oauth_error(response: httpx.Response) -> str:
    """The error code of RFC 6749, section 5.2, where there is one."""
    try:
        code = msgspec.json.decode(response.content, type=_OAuthError).error
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ""
    return f" ({code})"
