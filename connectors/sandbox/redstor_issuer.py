"""Redstor's OIDC issuer: discovery, and tokens for a signed assertion (RedAPI, article 1607).

Knows the public half of the service account's key only, as the real issuer does.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

import jwt
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connectors.sandbox.faults import Faults

EXPIRES_IN = 3600
LONGEST_ASSERTION = 3600
CLOCK_SKEW = 30
SCOPES = {"api.read", "api.write"}
_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_CLAIMS = ["jti", "sub", "iss", "iat", "exp", "aud"]


class Refused(Exception):
    """A token request that is not granted; `code` as in RFC 6749, section 5.2."""

    def __init__(self, code: str, description: str) -> None:
        super().__init__(description)
        self.code, self.description = code, description


class Issuer:
    """Grants access tokens and knows which are valid.

    Parameters:
        client_id: of the service account.
        public_key: RSA public JWK, with its kid.
        faults: what is to go wrong.
        now: the machine's clock, epoch seconds; tokens are not judged by the billing clock.
    """

    def __init__(
        self,
        client_id: str,
        public_key: dict[str, Any],
        faults: Faults,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.client_id = client_id
        self._kid = public_key["kid"]
        self._key = jwt.PyJWK(public_key, algorithm="RS256")
        self._faults = faults
        self._now = now
        self._valid_until: dict[str, float] = {}
        self._seen: set[str] = set()
        self.app = Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._discovery, methods=["GET"]),
                Route("/connect/token", self._token, methods=["POST"]),
            ]
        )

    def is_valid(self, token: str) -> bool:
        """Whether an access token was granted here and has not expired."""
        return self._valid_until.get(token, 0) > self._now()

    def void(self, token: str) -> None:
        """Let a token expire now."""
        self._valid_until.pop(token, None)

    async def _discovery(self, request: Request) -> Response:
        issuer = _base(request)
        return JSONResponse(
            {
                "issuer": issuer,
                "token_endpoint": f"{issuer}/connect/token",
                "grant_types_supported": ["client_credentials"],
                "token_endpoint_auth_methods_supported": ["private_key_jwt"],
                "scopes_supported": sorted(SCOPES),
            }
        )

    async def _token(self, request: Request) -> Response:
        if refusal := self._faults.refusal("redstor", "token"):
            return refusal
        try:
            scope = self._granted(request, await request.body())
        except Refused as refused:
            status = 401 if refused.code == "invalid_client" else 400
            return JSONResponse({"error": refused.code, "error_description": refused.description}, status)
        token = secrets.token_urlsafe(32)
        self._valid_until[token] = self._now() + EXPIRES_IN
        answer = {"access_token": token, "expires_in": EXPIRES_IN, "token_type": "Bearer", "scope": scope}
        return JSONResponse(answer, headers={"Cache-Control": "no-store"})

    def _granted(self, request: Request, body: bytes) -> str:
        """The scope granted.

        Raises:
            Refused: something is wrong with the request or its assertion.
        """
        if request.headers.get("content-type", "").split(";")[0] != "application/x-www-form-urlencoded":
            raise Refused("invalid_request", "the body must be application/x-www-form-urlencoded")
        pairs = parse_qsl(body.decode("ascii", "replace"), keep_blank_values=True)
        form = dict(pairs)
        if len(form) != len(pairs):
            raise Refused("invalid_request", "a parameter is repeated")
        if form.get("grant_type") != "client_credentials":
            raise Refused("unsupported_grant_type", "grant_type must be client_credentials")
        if form.get("client_assertion_type") != _ASSERTION_TYPE:
            raise Refused("invalid_request", f"client_assertion_type must be {_ASSERTION_TYPE}")
        scopes = form.get("scope", "").split()
        if not scopes or not SCOPES.issuperset(scopes):
            raise Refused("invalid_scope", f"scope must be of {', '.join(sorted(SCOPES))}")
        if form.get("client_id", self.client_id) != self.client_id:
            raise Refused("invalid_client", "client_id is not known")
        self._verify(form.get("client_assertion", ""), f"{_base(request)}/connect/token")
        return " ".join(scopes)

    def _verify(self, assertion: str, audience: str) -> None:
        try:
            header = jwt.get_unverified_header(assertion)
            claims = jwt.decode(
                assertion,
                self._key.key,
                algorithms=["RS256"],
                audience=audience,
                issuer=self.client_id,
                leeway=CLOCK_SKEW,
                options={"require": _CLAIMS},
            )
        except jwt.InvalidTokenError as error:
            raise Refused("invalid_client", f"client_assertion: {error}") from error
        if header.get("kid") != self._kid or header.get("typ") != "JWT":
            raise Refused("invalid_client", "client_assertion: typ must be JWT and kid that of the key")
        if claims["sub"] != self.client_id:
            raise Refused("invalid_client", "client_assertion: sub must be the client id")
        if claims["exp"] > self._now() + LONGEST_ASSERTION + CLOCK_SKEW:
            raise Refused("invalid_client", "client_assertion: exp must be within an hour")
        if claims["jti"] in self._seen:
            raise Refused("invalid_client", "client_assertion: jti was used before")
        self._seen.add(claims["jti"])


def _base(request: Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc}{request.scope['root_path']}"
