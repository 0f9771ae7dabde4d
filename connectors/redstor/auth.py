"""Log in at Redstor: OAuth client credentials with a signed assertion (private_key_jwt).

Source: RedAPI, article 1607, "How to use the RedAPI". Of the three header names Redstor publishes
for the token, `Authorization: Bearer` is the one the API takes.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Generator
from typing import TypeVar

import httpx
import jwt
import msgspec

from connectors.connection import checked_url
from connectors.errors import ContractBroken, CredentialsRefused, RequestRefused, TemporaryFailure
from connectors.redstor.connection import RedstorConnection, read_signing_key
from connectors.transport.bearer import BearerAuth, Grant, fits_a_header
from connectors.transport.http import BACKOFF_STATUSES, retry_after
from connectors.transport.redaction import Redactor

ASSERTION_LIVES = 300  # seconds
REFRESH_EARLY = 300  # seconds before a token ends; a short-lived one is used for 80 % of its life
SCOPE = "api.read"  # of the two scopes the one that cannot change anything

T = TypeVar("T")


class _Discovery(msgspec.Struct):
    token_endpoint: str


class _Token(msgspec.Struct):
    access_token: str
    expires_in: int
    token_type: str


class _OAuthError(msgspec.Struct):
    error: str


class RedstorAuth(BearerAuth):
    """The bearer tokens of one service account.

    Parameters:
        connection: client id, key file and issuer.
        redactor: learns every assertion and token.
    """

    def __init__(self, connection: RedstorConnection, redactor: Redactor) -> None:
        super().__init__(redactor)
        self._connection = connection
        self._key, self._kid = read_signing_key(connection.jwk_file)

    def ask(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, Grant]:
        """A token for a signed assertion.

        Raises:
            CredentialsRefused: the identity server refuses the assertion.
            TemporaryFailure: it cannot answer now.
            RequestRefused, ContractBroken: it answers something it should not.
        """
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
        if granted.token_type.lower() != "bearer" or not fits_a_header(granted.access_token):
            raise ContractBroken(f"{endpoint} granted a token that is not a bearer token")
        life = granted.expires_in
        return Grant(granted.access_token, asked_at + max(life - REFRESH_EARLY, life * 0.8))

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
