"""Log in at ReVirt365: app key and app secret for a bearer token, at the place the contract file names.

Source: the vendor's documentation, "Getting started" and "1. Bearer Token". How long a token lives is not
published: one whose life is not told is used until it is refused.
"""

from __future__ import annotations

import time
from base64 import b64encode
from collections.abc import Generator

import httpx

from connectors.errors import ContractBroken, CredentialsRefused, RequestRefused, TemporaryFailure
from connectors.revirt365.answer import CREDENTIALS_INVALID, error_in, is_whole, number_at, text_at
from connectors.revirt365.connection import Revirt365Connection
from connectors.revirt365.contract import Token
from connectors.transport.bearer import BearerAuth, Grant, fits_a_header
from connectors.transport.http import BACKOFF_STATUSES, retry_after
from connectors.transport.redaction import Redactor

USED_FOR = 0.8  # of the life that is told


class Revirt365Auth(BearerAuth):
    """The bearer tokens of one app key.

    Parameters:
        token: how it is asked for.
        trace_id: sent with the request for it too.
        redactor: learns every token.
    """

    def __init__(
        self, connection: Revirt365Connection, token: Token, trace_id: str, redactor: Redactor
    ) -> None:
        super().__init__(redactor)
        self._connection = connection
        self._how = token
        self._trace_id = trace_id

    def ask(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, Grant]:
        """A token for key and secret.

        Raises:
            CredentialsRefused: the vendor refuses key and secret.
            TemporaryFailure: it cannot answer now.
            RequestRefused, ContractBroken: it answers something else than the contract file says.
        """
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
        if not fits_a_header(token):
            raise ContractBroken(f"{said} and has no token at {self._how.token_at or 'the top'}")
        return Grant(token, float("inf") if life is None else asked_at + life * USED_FOR)

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
